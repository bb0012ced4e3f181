"""`python -m tools.policies` writes the list of policies in docs/policies.md from the policies themselves."""

from pathlib import Path

from policies.every import RULES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "policies.md"
_HEAD = "| policy | what is wanted | else |\n| --- | --- | --- |\n"


def listed() -> str:
    """The table of all policies, mandatory ones first."""
    rules = sorted(RULES, key=lambda it: (not it.mandatory, it.name))
    return _HEAD + "".join(
        f"| [{it.name}]({it.source}){'' if it.mandatory else ', advice'} | {it.says} | {it.remedy} |\n"
        for it in rules
    )


def main() -> None:
    """Write the page anew; what stands before the table stays."""
    before = PAGE.read_text(encoding="utf-8").partition(_HEAD)[0]
    PAGE.write_text(before + listed(), encoding="utf-8")


if __name__ == "__main__":
    main()
