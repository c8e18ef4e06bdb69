"""Settings as the environment of a process."""

from vedder_core.settings import Settings

NAMES = ("clusters", "warehouse", "context", "models", "embedder", "query_rows", "state")


def environment(world: Settings) -> dict[str, str]:
    return {f"VEDDER_{name.upper()}": str(getattr(world, name)) for name in NAMES}
