"""What is printed of a run, and bench/out/results.json."""

from typing import Any

from jobs import MOST_MIB, TARGETS, TOOLS, Target
from rounds import Done, Measured


def results(measured: Measured, contacts: int) -> dict[str, Any]:
    """Jobs and targets as they are written for programs."""
    return {
        "jobs": [_job(job, done, contacts, agree=measured.agree[job]) for job, done in measured.done.items()],
        "targets": [_target(target, measured) for target in TARGETS if target.job in measured.done],
    }


def _job(job: str, done: dict[str, Done], contacts: int, *, agree: bool) -> dict[str, Any]:
    peers = {tool: one for tool, one in done.items() if tool not in ("ours", "limit")}
    return {
        "job": job,
        "contacts": contacts,
        "ours_s": _rounded(done["ours"].seconds),
        "ours_mib": done["ours"].mebibytes,
        "limit_s": _rounded(done["limit"].seconds),
        "peers": {tool: _rounded(one.seconds) for tool, one in peers.items() if one.rounds},
        "agree": agree,
        "peers_mib": {tool: one.mebibytes for tool, one in peers.items() if one.rounds},
        "peers_differ": {tool: one.differs for tool, one in peers.items() if one.rounds},
        "failed": {tool: one.failed for tool, one in done.items() if one.failed},
        "cpu_s": {tool: _rounded(one.processor_seconds) for tool, one in done.items() if one.rounds},
        "foreign": {tool: [round(share, 2) for share in one.foreign] for tool, one in done.items()},
    }


def _target(target: Target, measured: Measured) -> dict[str, Any]:
    done = measured.done[target.job]
    theirs = [done[tool] for tool in target.against if tool in done]
    ratio = _against(done["ours"].seconds, [one.seconds for one in theirs])
    return {
        "job": target.job,
        "against": list(target.against),
        "at_most": target.at_most,
        "ratio": _rounded(ratio),
        "cpu_ratio": _rounded(_against(done["ours"].processor_seconds, [one.processor_seconds for one in theirs])),
        "met": ratio is not None and ratio <= target.at_most and measured.agree[target.job],
    }


def _against(ours: float | None, theirs: list[float | None]) -> float | None:
    """Ours as a multiple of the least of theirs, None where one of them is not known."""
    known = [seconds for seconds in theirs if seconds]
    return ours / min(known) if ours is not None and known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def table(found: dict[str, Any]) -> str:
    """Everything for a reader, as Markdown."""
    lines = [
        "| job | tool | seconds | CPU s | MiB | times ours | foreign CPU | answer |",
        "|---|---|--:|--:|--:|--:|--:|---|",
        *(line for job in found["jobs"] for line in _rows(job)),
        "",
        "| job | ours against | ratio | target | | ratio of CPU s |",
        "|---|---|--:|--:|---|--:|",
        *map(_target_row, found["targets"]),
        "",
        *_memory(found["jobs"]),
    ]
    return "\n".join(lines)


def _rows(job: dict[str, Any]) -> list[str]:
    seconds = {"ours": job["ours_s"], "limit": job["limit_s"], **job["peers"]}
    memory = {"ours": job["ours_mib"], **job["peers_mib"]}
    says = {"ours": "exact" if job["agree"] else "NOT EXACT", **job["peers_differ"]}
    rows = []
    for tool in TOOLS[job["job"]]:
        if tool in job["failed"]:
            rows.append(f"| {job['job']} | {tool} | {job['failed'][tool]} | | | | | |")
        elif seconds.get(tool) is not None:
            times = f"{seconds[tool] / job['ours_s']:.3g}" if job["ours_s"] else ""
            foreign = f"{max(job['foreign'][tool]):.0%}"
            rows.append(
                f"| {job['job']} | {tool} | {seconds[tool]:.3g} | {job['cpu_s'][tool]:.3g} | {memory.get(tool, '')} | {times} | {foreign} | {says.get(tool, '')} |"
            )
    return rows


def _target_row(target: dict[str, Any]) -> str:
    met = "met" if target["met"] else "NOT MET"
    against = " or ".join(target["against"])
    ratio, most, by_cpu = (_ratio(target[name]) for name in ("ratio", "at_most", "cpu_ratio"))
    return f"| {target['job']} | {against} | {ratio} | {most} | {met} | {by_cpu} |"


def _ratio(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:.1f} ×" if value >= 1 else f"1/{1 / value:.1f}"


def _memory(jobs: list[dict[str, Any]]) -> list[str]:
    """The largest job of ours against the limit for logs of its size."""
    known = [(job["ours_mib"], job["job"]) for job in jobs if job["ours_mib"]]
    limits = [limit for most, limit in MOST_MIB.items() if jobs and jobs[0]["contacts"] <= most]
    if not known or not limits:
        return []
    mebibytes, job = max(known)
    met = "met" if mebibytes <= limits[0] else "NOT MET"
    return [f"memory of ours: at most {mebibytes:,} MiB ({job}), limit {limits[0]:,} MiB: {met}"]
