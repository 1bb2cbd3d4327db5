#!/usr/bin/python3
"""Write a made-up municipality, province or country into a folder.

usage: make.py municipality|province|country OUTDIR [--seed 1] [--scale 12]

The same seed gives the same files. Tile after tile is made, written and forgotten, so memory does not grow
with the size. README.md tells what is in the files.
"""
import argparse
import os
import sys
import time

import numpy as np
from osgeo import ogr, osr

import output
import sizes
from tile import Tile


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", choices=("municipality", "province", "country"))
    parser.add_argument("outdir")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=int, default=0, help="how many provinces make the country (12)")
    parser.add_argument("--quiet", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    ogr.UseExceptions()
    osr.UseExceptions()
    size = sizes.by_name(options.size, options.scale)
    os.makedirs(options.outdir, exist_ok=True)
    began = time.monotonic()
    out = output.Output(options.outdir, size, options.seed)
    tiles = [(col, row) for row in range(size.rows) for col in range(size.cols)]
    for done, (col, row) in enumerate(tiles):
        out.add(Tile(size, options.seed, col, row).build())
        if not options.quiet and len(tiles) > 1:
            print(f"\r{done + 1} of {len(tiles)} municipalities", end="", file=sys.stderr, flush=True)
    out.close()
    if not options.quiet:
        counts = ", ".join(f"{n} {name}" for name, n in out.counted.items())
        print(f"\n{counts}: {time.monotonic() - began:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    np.seterr(invalid="raise", divide="raise")
    main()
