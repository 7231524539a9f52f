"""Say whether results/ is what the manifest says (`check`), or write the manifest (`write`)."""

import sys

from superpos import verify
from superpos.command import options

args = options(task="text", results="path", manifest="path")
if args.task == "write":
    print(verify.write(args.results, args.manifest))
else:
    same, told = verify.verify(args.results, args.manifest)
    print(told)
    sys.exit(not same)
