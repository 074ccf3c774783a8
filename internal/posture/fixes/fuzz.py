"""Fuzz the parser: python fuzz/fuzz_parse.py -max_total_time=60"""

import sys

import atheris

with atheris.instrument_imports():
    import <package>


def test_one_input(data: bytes) -> None:
    text = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(1024)
    try:
        <package>.parse(text)
    except ValueError:
        pass  # the error that the parser promises; any other one is a finding


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
