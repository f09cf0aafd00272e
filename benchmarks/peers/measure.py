"""Turns what the contestants print into tables.

    COMMAND | measure.py engine --label NAME --threads N    the lines of `engine pretrain --json` become one measurement
    measure.py llmc FOLDER --threads N                      a run of llm.c's train_gpt2 becomes one measurement
    measure.py table FILE                                   measurements of runs, one JSON object a line, as a table
    measure.py steps FILE                                   measurements of training steps as a table; losses must agree
    measure.py ops FILE                                     measurements of single ops as a table; results must agree
"""
import argparse
import json
import math
import os
import re
import resource
import statistics
import subprocess
import sys
import time

WARM_UP = 2
LOSS_TOLERANCE = 1e-3
RESULT_TOLERANCE = 1e-5


def engine(label, threads):
    """Times each step by the arrival of its line, so that no program is its own clock."""
    durations, steps, finish, previous = [], 0, {}, None
    for line in sys.stdin:
        now = time.perf_counter()
        event = json.loads(line)
        if event["event"] == "step":
            steps += 1
            if previous is not None:
                durations.append(now - previous)
            previous = now
        elif event["event"] == "start":
            previous = now
        else:
            # An evaluation, checkpoint or sample lies between two steps: the next interval is not a step's.
            previous = None
            finish = event if event["event"] == "finish" else finish
    if not durations or not finish.get("completed"):
        sys.exit("The run did not finish.")
    print(json.dumps({
        "label": label,
        "threads": threads,
        "steps": steps,
        "ms_per_step": 1000 * statistics.median(durations),
        "seconds": sum(durations) * steps / len(durations),
        "val_loss": finish["val_loss"],
    }))


def llmc(folder, threads):
    """Its weights and tokens are its own, so its losses are not compared."""
    run = subprocess.run(
        ["./train_gpt2"], cwd=folder, env={**os.environ, "OMP_NUM_THREADS": str(threads)}, stdout=subprocess.PIPE, text=True, check=True)
    print(json.dumps({
        "label": "llm.c",
        "threads": threads,
        "ms": [float(ms) for ms in re.findall(r"^step \d+: train loss .*\(took ([\d.]+) ms\)", run.stdout, re.MULTILINE)],
        "losses": None,
        "peak_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10,
    }))


def read(path, *keys):
    """The measurements of a file in order, grouped by the values of some columns."""
    groups = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            m = json.loads(line)
            groups.setdefault(tuple(m[key] for key in keys), []).append(m)
    return groups


def table(path):
    runs = read(path, "label", "threads", "steps")
    medians = {
        key: tuple(statistics.median(m[column] for m in group) for column in ("ms_per_step", "seconds", "val_loss"))
        for key, group in runs.items()
    }
    best = min((ms for (label, _, _), (ms, _, _) in medians.items() if label != "Engine"), default=None)
    print("| | threads | runs | steps | ms a step | seconds | validation loss | time against the best rival |")
    print("|---|---|---|---|---|---|---|---|")
    for (label, threads, steps), (ms, seconds, loss) in medians.items():
        against = f"{ms / best:.2f}" if best else "–"
        print(f"| {label} | {threads} | {len(runs[label, threads, steps])} | {steps} | {ms:.1f} | {seconds:.1f} | {loss:.3f} | {against} |")


def steps(path):
    """Medians over the steps of all runs after each run's warm-up; a short smoke run counts its last step."""
    runs = {label: group for (label,), group in read(path, "label").items()}
    times = {label: [ms for m in group for ms in m["ms"][min(WARM_UP, len(m["ms"]) - 1):]] for label, group in runs.items()}
    medians = {label: statistics.median(ms) for label, ms in times.items()}
    peaks = {label: statistics.median(m["peak_mib"] for m in group) for label, group in runs.items()}
    rivals = [label for label in runs if label != "Engine"]
    print("| | steps | ms a step: median | min | peak resident MiB | their time / ours | their peak / ours |")
    print("|---|---|---|---|---|---|---|")
    for label, median in medians.items():
        print(f"| {label} | {len(times[label])} | {median:.0f} | {min(times[label]):.0f} | {peaks[label]:.0f} "
              f"| {median / medians['Engine']:.2f} | {peaks[label] / peaks['Engine']:.2f} |")
    best = min(rivals, key=medians.get)
    print(f"\nAgainst the best rival setting ({best}): {medians[best] / medians['Engine']:.2f} times as fast.")

    ours = runs["Engine"][0]["losses"]
    differences = [
        (abs(a - b) if math.isfinite(a - b) else math.inf, label, step)
        for label, group in runs.items() for m in group if m["losses"]
        for step, (a, b) in enumerate(zip(ours, m["losses"], strict=True))]
    worst, label, step = max(differences)
    print(f"Greatest difference of losses: {worst:.1e} ({label}, step {step}).")
    if worst > LOSS_TOLERANCE:
        sys.exit(f"The losses differ by more than {LOSS_TOLERANCE}: the rows above do not compare the same work.")


def ops(path):
    """For each op our median and that of PyTorch at its best setting for it; rates by the bytes and operations that must be."""
    wrong = []
    copy = None
    print("| op | shape | ours ms | PyTorch ms | at its setting | their time / ours | ours GFLOP/s | ours GB/s | of copy bandwidth | memory growth MiB: ours | PyTorch |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for (op,), group in read(path, "op").items():
        by_label = {label: [m for m in group if m["label"] == label] for label in dict.fromkeys(m["label"] for m in group)}
        medians = {label: statistics.median(m["ms"] for m in runs) for label, runs in by_label.items()}
        growth = {label: statistics.median(m["growth_mib"] for m in runs) for label, runs in by_label.items()}
        best = min((label for label in medians if label != "Engine"), key=medians.get)
        mine, first = medians["Engine"], by_label["Engine"][0]
        rate = first["bytes"] / mine / 1e6
        copy = rate * max(1, mine / medians[best]) if op == "copy" else copy
        flops = f"{first['flops'] / mine / 1e6:.1f}" if first["flops"] else "–"
        share = f"{rate / copy:.2f}" if copy and not first["flops"] else "–"
        print(f"| {op} | {first['shape']} | {mine:.2f} | {medians[best]:.2f} | {best.partition(', ')[2] or '–'} | {medians[best] / mine:.2f} "
              f"| {flops} | {rate:.1f} | {share} | {growth['Engine']:.0f} | {growth[best]:.0f} |")
        wrong += [f"{op}: {m['label']}" for m in group if not same(first["check"], m["check"])]
    if wrong:
        sys.exit(f"Results differ, so these rows do not compare the same work: {', '.join(dict.fromkeys(wrong))}.")


def same(ours, theirs):
    """Each result is given by its dot product with fixed numbers and by its length."""
    return len(ours) == len(theirs) and all(
        math.isfinite(a["length"]) and a["length"] > 0 and abs(a[key] - b[key]) <= RESULT_TOLERANCE * a["length"]
        for a, b in zip(ours, theirs) for key in ("dot", "length"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("engine")
    one.add_argument("--label", default="Engine")
    one.add_argument("--threads", type=int, required=True)
    other = commands.add_parser("llmc")
    other.add_argument("folder")
    other.add_argument("--threads", type=int, required=True)
    for name in ("table", "steps", "ops"):
        commands.add_parser(name).add_argument("file")
    args = parser.parse_args()
    if args.command == "engine":
        engine(args.label, args.threads)
    elif args.command == "llmc":
        llmc(args.folder, args.threads)
    else:
        {"table": table, "steps": steps, "ops": ops}[args.command](args.file)


if __name__ == "__main__":
    main()
