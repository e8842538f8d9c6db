#!/usr/bin/python3
"""usage: report.py FOLDER

Puts the results of single benchmarks, FOLDER/*.json, together: prints those
that miss their target, writes FOLDER/results.json and FOLDER/report.html.
"""

import html
import json
import pathlib
import sys

STYLE = """body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem; color: #1b1f24; }
table { border-collapse: collapse; width: 100%;
  font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .6rem;
  border-bottom: 1px solid #d8dee4; }
td.n { text-align: right; } .missed { color: #b3261e; } svg { height: 1em; }"""


def look_ups(path):
    """Rows of what Google Benchmark wrote about the endpoint table, without
    what writing a path takes."""
    times = {x["name"]: x["cpu_time"]
             for x in json.loads(path.read_text())["benchmarks"]}

    def look_up(name, size):
        return times[f"{name}/{size}"] - times[f"write_path/{size}"]

    rows = []
    for name in sorted({x.split("/")[0] for x in times}):
        if name in ("build", "write_path"):
            continue
        for size in (10, 1000, 100_000):
            rows.append({"name": f"look-up, {name}: {size:,} endpoints",
                         "value": look_up(name, size), "unit": "ns"})
        value = look_up(name, 100_000) / look_up(name, 10)
        rows.append({"name": f"look-up, {name}: 100,000 endpoints / 10",
                     "value": value, "unit": "",
                     "target": {"at_most": 1.5}, "met": value <= 1.5})
    return {"program": "endpoint_table", "rows": rows}


def singles(path):
    """Rows of what Google Benchmark wrote about single steps."""
    rows = []
    for x in json.loads(path.read_text())["benchmarks"]:
        name = x["name"].removeprefix("system_fixture/")
        name = name.removesuffix("/process_time/real_time")
        if name == x["name"]:
            rows.append({"name": name, "value": x["cpu_time"], "unit": "ns"})
        else:
            rows.append({"name": f"{name}: latency",
                         "value": x["real_time"], "unit": "ns"})
            rows.append({"name": f"{name}: CPU of the process",
                         "value": x["cpu_time"], "unit": "ns"})
        rows.append({"name": f"{name}: allocations by this thread",
                     "value": x["allocations"], "unit": ""})
    return {"program": path.stem, "rows": rows}


def target_of(row):
    if "target" not in row:
        return ""
    (kind, value), = row["target"].items()
    return ("<= " if kind == "at_most" else ">= ") + f"{value:g}"


def dots(row):
    """The rounds of a ratio, between their least and their greatest."""
    rounds = row.get("rounds", [])
    if len(rounds) < 2:
        return ""
    low, high = min(rounds), max(rounds)
    width = high - low or 1
    marks = "".join(f'<circle cx="{5 + 90 * (x - low) / width:.1f}" cy="8" '
                    'r="3" fill="#0969da" fill-opacity=".6"/>' for x in rounds)
    return (f'<svg viewBox="0 0 100 16" role="img" aria-label="rounds">{marks}'
            f"</svg> {low:.2f} to {high:.2f}")


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
                     "<tr><th>what<th>figure<th>target<th>rounds")
        for row in program["rows"]:
            missed = row.get("met") is False
            parts.append(
                f'<tr{" class=missed" if missed else ""}>'
                f'<td>{html.escape(row["name"])}'
                f'<td class=n>{row["value"]:.3f} {html.escape(row["unit"])}'
                f"<td>{html.escape(target_of(row))}<td>{dots(row)}")
        parts.append("</table>")
    return "".join(parts) + "</html>\n"


def main():
    folder = pathlib.Path(sys.argv[1])
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
        made_by = one.pop("made_by")
        programs.append(one)
    results = {"made_by": made_by, "programs": programs}
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "report.html").write_text(page(results))
    rows = [row for x in programs for row in x["rows"] if "met" in row]
    missed = [row for row in rows if not row["met"]]
    print(f"{len(rows) - len(missed)} of {len(rows)} targets met")
    for row in missed:
        print(f'  missed: {row["name"]}: {row["value"]:.3f} {row["unit"]} '
              f"(target {target_of(row)})")
    print(f"{folder}/results.json, {folder}/report.html")


main()
