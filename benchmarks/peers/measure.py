"""Turns what the contestants print into one table.

    COMMAND | measure.py engine --label NAME --threads N    the lines of `engine pretrain --json` become one measurement
    measure.py table FILE                                   the measurements of a file, one JSON object a line, as a table
"""
import argparse
import json
import statistics
import sys
import time


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


def table(path):
    runs = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            m = json.loads(line)
            runs.setdefault((m["label"], m["threads"], m["steps"]), []).append(m)
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("engine")
    one.add_argument("--label", default="Engine")
    one.add_argument("--threads", type=int, required=True)
    commands.add_parser("table").add_argument("file")
    args = parser.parse_args()
    if args.command == "engine":
        engine(args.label, args.threads)
    else:
        table(args.file)


if __name__ == "__main__":
    main()
