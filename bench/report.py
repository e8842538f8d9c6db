#!/usr/bin/python3
"""Puts the results of single benchmarks, FOLDER/*.json, together: prints those
that miss their target and those that a late load generator disturbed, writes
FOLDER/results.json and FOLDER/report.html.
"""

import argparse
import html
import json
import pathlib
import statistics
import sys

STYLE = """body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem; color: #1b1f24; }
table { border-collapse: collapse; width: 100%;
  font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .6rem;
  border-bottom: 1px solid #d8dee4; }
td.n { text-align: right; } .missed { color: #b3261e; } svg { height: 1em; }"""


def repetitions(path):
    """The rows of each repetition that Google Benchmark wrote, by name."""
    result = {}
    for x in json.loads(path.read_text())["benchmarks"]:
        if x.get("run_type", "iteration") == "iteration":
            result.setdefault(x["name"], []).append(x)
    return result


def row_of(name, rounds, unit, target=None):
    row = {"name": name, "value": statistics.median(rounds), "unit": unit}
    if len(rounds) > 1:
        row["rounds"] = rounds
    if target is not None:
        row["target"] = {"at_most": target}
        row["met"] = row["value"] <= target
    return row


def look_ups(path):
    """Rows of what Google Benchmark wrote about the endpoint table, without
    what writing a path takes. Ratios are formed within each repetition."""
    times = {name: [x["cpu_time"] for x in all]
             for name, all in repetitions(path).items()}

    def look_up(name, size):
        return [x - y for x, y in zip(times[f"{name}/{size}"],
                                      times[f"write_path/{size}"])]

    rows = []
    for name in sorted({x.split("/")[0] for x in times}):
        if name in ("build", "write_path"):
            continue
        for size in (10, 1000, 100_000):
            rows.append(row_of(f"look-up, {name}: {size:,} endpoints",
                               look_up(name, size), "ns"))
        ratios = [x / y for x, y in zip(look_up(name, 100_000),
                                        look_up(name, 10))]
        rows.append(row_of(f"look-up, {name}: 100,000 endpoints / 10",
                           ratios, "", 1.5))
    return {"program": "endpoint_table", "rows": rows}


def singles(path):
    """Rows of what Google Benchmark wrote about single steps."""
    rows = []
    for full_name, all in repetitions(path).items():
        def add(name, key, unit):
            rows.append(row_of(name, [x[key] for x in all], unit))

        name = full_name.removeprefix("system_fixture/")
        name = name.removesuffix("/process_time/real_time")
        if name == full_name:
            add(name, "cpu_time", "ns")
        else:
            add(f"{name}: latency", "real_time", "ns")
            add(f"{name}: CPU of the process", "cpu_time", "ns")
        add(f"{name}: allocations by this thread", "allocations", "")
    return {"program": path.stem, "rows": rows}


def observers(programs):
    """What watching each request costs, as a share of a whole one."""
    values = {row["name"]: row["value"]
              for program in programs for row in program["rows"]}
    whole = values.get("troupe inline: CPU per request at 64 connections")
    parts = ("count_request", "request_id: CPU of the process", "clock_now")
    if whole is None or any(part not in values for part in parts):
        return []
    rows = [row_of(f"{part.split(':')[0]}: share of an inline request's CPU",
                   [values[part] / (10 * whole)], "%") for part in parts]
    return [{"program": "observers", "rows": rows}]


def target_of(row):
    if "target" not in row:
        return ""
    (kind, value), = row["target"].items()
    return ("<= " if kind == "at_most" else ">= ") + f"{value:g}"


def dots(row):
    """The rounds of a figure, between their least and their greatest."""
    rounds = row.get("rounds", [])
    if len(rounds) < 2:
        return ""
    low, high = min(rounds), max(rounds)
    width = high - low or 1
    marks = "".join(f'<circle cx="{5 + 90 * (x - low) / width:.1f}" cy="8" '
                    'r="3" fill="#0969da" fill-opacity=".6"/>' for x in rounds)
    return (f'<svg viewBox="0 0 100 16" role="img" aria-label="rounds">{marks}'
            f"</svg> {low:.2f} to {high:.2f}")


def loader(row):
    """How the load generator did: its worst turn."""
    if "loader" not in row:
        return ""
    return (f'{100 * row["loader"]["late"]:.2f} % late, '
            f'{row["loader"]["cpu"]:.2f} cores'
            + (" (disturbed)" if row.get("disturbed") else ""))


def page(results):
    made = results["made_by"]
    parts = ["<!doctype html><html lang=en><meta charset=utf-8>",
             f"<title>Troupe: benchmarks</title><style>{STYLE}</style>",
             "<h1>Troupe: benchmarks</h1><p>",
             html.escape(", ".join(str(x) for x in (
                 made["time"], made["commit"], made["compiler"], made["flags"],
                 f'{made["cores"]} cores', made["kernel"]))), "</p>"]
    for program in results["programs"]:
        parts.append(f'<h2>{html.escape(program["program"])}</h2><table>'
                     "<tr><th>what<th>figure<th>target<th>rounds"
                     "<th>load generator")
        for row in program["rows"]:
            missed = row.get("met") is False
            parts.append(
                f'<tr{" class=missed" if missed else ""}>'
                f'<td>{html.escape(row["name"])}'
                f'<td class=n>{row["value"]:.3f} {html.escape(row["unit"])}'
                f"<td>{html.escape(target_of(row))}<td>{dots(row)}"
                f"<td>{loader(row)}")
        parts.append("</table>")
    return "".join(parts) + "</html>\n"


def spread(row):
    rounds = row.get("rounds", [])
    return (f" ({min(rounds):.3f} to {max(rounds):.3f})"
            if len(rounds) > 1 else "")


def collect(folder):
    programs = []
    made_by = None
    for path in sorted(folder.glob("*.json")):
        if path.name == "results.json":
            continue
        if path.name == "endpoint_table.json":
            programs.append(look_ups(path))
            continue
        if path.name in ("hops.json", "hot_classes.json"):
            programs.append(singles(path))
            continue
        one = json.loads(path.read_text())
        made = one.pop("made_by")
        # baselines.py does not know the compiler; the programs do.
        if made_by is None or one["program"] != "baselines":
            made_by = made
        programs.append(one)
    if made_by is None:
        sys.exit(f"report.py: no results in {folder}")
    return {"made_by": made_by, "programs": programs + observers(programs)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--strict", action="store_true",
                        help="exit code 1 when a target is missed")
    args = parser.parse_args()
    folder = args.folder
    results = collect(folder)
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "report.html").write_text(page(results))
    rows = [row for x in results["programs"] for row in x["rows"]]
    held = [row for row in rows if "met" in row]
    missed = [row for row in held if not row["met"]]
    print(f"{len(held) - len(missed)} of {len(held)} targets met")
    for row in missed:
        print(f'  missed: {row["name"]}: {row["value"]:.3f} {row["unit"]}'
              f"{spread(row)} (target {target_of(row)})")
    for row in rows:
        if row.get("disturbed"):
            print(f'  disturbed: {row["name"]}: '
                  f'{100 * row["loader"]["late"]:.1f} % late')
    print(f"{folder}/results.json, {folder}/report.html")
    if args.strict and missed:
        sys.exit(1)


main()
