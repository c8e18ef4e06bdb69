"""A real OpenAI-compatible server with real weights, as a process of its own: `xllamacpp_server.py <gguf>`.

It prints its address, and ends only by SIGKILL: xllamacpp does not end on SIGTERM.
"""

import sys
import time

import xllamacpp


def main(weights: str) -> None:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = weights
    parameters.n_ctx, parameters.n_parallel = 2048, 1
    parameters.port, parameters.use_jinja = 0, True
    # One thread: two wait for each other, at full speed, where a core is busy with something else.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(sys.argv[1])
