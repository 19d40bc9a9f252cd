"""Where and of what something was measured: what every record of the benchmarks begins with."""
import datetime, os, platform, subprocess
from pathlib import Path


def said(*command):
    """First line that a command prints, or None where there is no such command."""
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return output.strip().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return None


def processor():
    """The processor's name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def provenance(cores_used, load_before):
    """Machine, time and commit."""
    repository = str(Path(__file__).resolve().parent.parent)
    changed = said("git", "-C", repository, "status", "--porcelain", "--untracked-files=no")
    return {"machine": {"cpu": processor(), "cores": os.cpu_count(), "cores_used": cores_used, "load_before": load_before},
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "commit": said("git", "-C", repository, "rev-parse", "HEAD"), "uncommitted_changes": changed is not None}
