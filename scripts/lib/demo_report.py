"""Turns what scripts/demo collected into a short report on stdout and a self-contained page, index.html."""

import datetime
import html
import json
import os
import pathlib
import string
import sys

TEMPLATE = pathlib.Path(__file__).with_suffix(".html")
STRENGTH_NOTES = {
    "WEAK": "The machine has few identifiers of its own, as containers and small virtual machines do. By default no"
    " licence is issued for it; this one was issued with --allow-weak, and its verdict says so.",
    "MEDIUM": "Some identifiers belong to this machine alone; running as root may show more.",
    "STRONG": "Several identifiers belong to this machine alone.",
}
CLASS_NAMES = {"U": "this hardware", "O": "this installation", "M": "this model"}


class Demo:
    """What one run of scripts/demo left in its folder."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        output = folder / "output"
        self.version = output.joinpath("version.txt").read_text().split()[1]
        self.machine = json.loads((output / "machine.json").read_text())
        self.strength = self.machine["strength"].upper()
        self.verdict = json.loads((output / "verdict.json").read_text())
        self.documents = json.loads((output / "documents.json").read_text())
        self.explanation = (output / "explain.txt").read_text().rstrip()
        rows = (line.split("\t") for line in (output / "steps.tsv").read_text().splitlines())
        self.steps = [(label, int(microseconds) / 1000, command) for microseconds, label, command in rows]
        self.attacks = [json.loads(line) for line in (output / "attacks.jsonl").read_text().splitlines()]
        self.stopped = sum(attack["stopped"] for attack in self.attacks)

    @property
    def is_good(self) -> bool:
        return self.verdict["usable"] and bool(self.attacks) and self.stopped == len(self.attacks)

    def expected(self, attack: dict) -> str:
        reason = attack["expected_reason"]
        also = f", and {reason['name']}" if reason != attack["expected"] else ""
        return f"{attack['expected']['code']} {attack['expected']['name']}{also}"

    def seen(self, attack: dict) -> str:
        return f"{attack['seen']['code']} {attack['seen']['name']}"

    def place(self) -> str:
        places = (("virtual machine", self.machine["vm"]), ("container", self.machine["container"]))
        return ", ".join(f"{place} ({name})" for place, name in places if name) or "bare metal"

    def entitlements(self) -> list[tuple[str, str]]:
        found = self.verdict["license"]["entitlements"].items()
        return [(name, json.dumps(one["value"]) + (f" per {one['per']}" if "per" in one else "")) for name, one in found]

    def expiry(self) -> str:
        return utc(self.verdict["license"]["expires_at_ms"])


def utc(milliseconds: int) -> str:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def mark(good: bool) -> str:
    symbol = "✓" if good else "✗"
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return symbol
    return f"\033[{32 if good else 31}m{symbol}\033[0m"


def print_report(demo: Demo) -> None:
    license_ = demo.verdict["license"]
    weights = demo.machine["weights"]
    print(f"\nTessera {demo.version} on this machine\n")
    print(f"machine  {demo.strength}, {demo.place()}")
    print(f"         weight: unique {weights['unique']}, installation {weights['os']}, model {weights['model']}")
    if demo.strength == "WEAK":
        print("         few identifiers of its own: issued with --allow-weak, and the verdict says HW WEAK")
    print(f"licence  {license_['product']} {license_['sku']} for {license_['subject']}, until {demo.expiry()}")
    print("         " + ", ".join(f"{name} = {value}" for name, value in demo.entitlements()) + "\n")
    for label, milliseconds, _ in demo.steps:
        print(f"  {mark(True)} {label:<52} {milliseconds:8.1f} ms")
    print(f"\n{demo.explanation}\n")
    print("attacks, each on a copy of the activated application")
    for attack in demo.attacks:
        print(f"  {mark(attack['stopped'])} {attack['what']:<52} {demo.seen(attack)}")
        if not attack["stopped"]:
            print(f"      expected {demo.expected(attack)}")
    print(f"\n{demo.stopped} of {len(demo.attacks)} attacks stopped; the whole report: build/demo/index.html")


def element(tag: str, content: str, css: str = "") -> str:
    return f'<{tag} class="{css}">{content}</{tag}>' if css else f"<{tag}>{content}</{tag}>"


def row(*cells: str) -> str:
    return element("tr", "".join(cells))


def text(value: object) -> str:
    return html.escape(str(value))


def factor_row(factor: dict) -> str:
    used = factor["state"] == "readable"
    return row(
        element("td", text(factor["kind"]), "name"),
        element("td", text(CLASS_NAMES[factor["class"]])),
        element("td", text(factor["weight"]), "number"),
        element("td", element("span", text(factor["state"]), "chip good" if used else "chip")),
        element("td", text(f"{factor['bits']}-bit tag" if used else factor.get("note", ""))),
    )


def step_row(step: tuple[str, float, str], longest: float) -> str:
    label, milliseconds, command = step
    bar = f'<span class="bar" style="width:{100 * milliseconds / longest:.1f}%"></span>'
    return row(
        element("td", "✓", "sign good"),
        element("td", text(label) + element("code", text(command), "command")),
        element("td", bar, "bars"),
        element("td", f"{milliseconds:.1f}&nbsp;ms", "number"),
    )


def attack_row(demo: Demo, attack: dict) -> str:
    good = attack["stopped"]
    answer = element("details", element("summary", text(demo.seen(attack))) + element("pre", text(attack["text"])))
    return row(
        element("td", "✓" if good else "✗", "sign good" if good else "sign bad"),
        element("td", text(attack["what"])),
        element("td", text(demo.expected(attack))),
        element("td", answer),
        element("td", f"{attack['ms']:.1f}&nbsp;ms", "number"),
    )


def page(demo: Demo) -> str:
    license_ = demo.verdict["license"]
    facts = [
        ("Product", f"{license_['product']} {license_['sku']}"),
        ("Licensee", license_["subject"]),
        ("Licence", license_["id"]),
        ("Expires", demo.expiry()),
        ("Hardware", f"{demo.verdict['hardware']['score']} of 1000"),
        *demo.entitlements(),
    ]
    longest = max(milliseconds for _, milliseconds, _ in demo.steps)
    return string.Template(TEMPLATE.read_text()).substitute(
        version=text(demo.version),
        date=text(utc(demo.verdict["effective_time_ms"])),
        outcome="good" if demo.is_good else "bad",
        headline=text(
            f"Licensed, verified offline, {demo.stopped} of {len(demo.attacks)} attacks stopped"
            if demo.verdict["usable"]
            else "The licence is not usable"
        ),
        strength=text(demo.strength),
        place=text(demo.place()),
        strength_note=text(STRENGTH_NOTES.get(demo.strength, "")),
        weights="".join(
            element("li", element("b", str(demo.machine["weights"][name])) + " " + label)
            for name, label in (("unique", "this hardware"), ("os", "this installation"), ("model", "this model"))
        ),
        factors="".join(factor_row(factor) for factor in demo.machine["factors"]),
        facts="".join(element("dt", text(name)) + element("dd", text(value)) for name, value in facts),
        documents=text(json.dumps(demo.documents, indent=2)),
        state=text(demo.verdict["state"]),
        code=text(f"{demo.verdict['code']} {demo.verdict['name']}"),
        explanation=text(demo.explanation),
        steps="".join(step_row(step, longest) for step in demo.steps),
        attacks="".join(attack_row(demo, attack) for attack in demo.attacks),
    )


def main() -> int:
    demo = Demo(pathlib.Path(sys.argv[1]))
    (demo.folder / "index.html").write_text(page(demo))
    print_report(demo)
    return 0 if demo.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
