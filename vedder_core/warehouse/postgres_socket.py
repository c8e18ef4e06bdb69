"""How much the server has sent that is not read yet: what tells of one giant value before it fills the memory.

Systems that cannot say it count nothing; rows are counted there, too, but only once they are whole.
"""

import sys

if sys.platform == "win32":

    def waiting_bytes(socket: int) -> int:  # noqa: ARG001
        """Unknown here."""
        return 0

else:
    import fcntl
    import struct
    import termios

    def waiting_bytes(socket: int) -> int:
        """Bytes that wait in the socket."""
        (count,) = struct.unpack("i", fcntl.ioctl(socket, termios.FIONREAD, b"\0\0\0\0"))
        return int(count)
