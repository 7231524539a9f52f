"""Codes for how the units that are on fill a sample, as numbers that a kernel can read.

A distribution's file names its code as KERNEL. Without a KERNEL, the reference engine trains its
models.
"""

FEATURES = 0
"""Units are features; the word that turns a feature on also gives its value."""
ALL_MEMBERS = 1
"""Units are sets; each member of a set that is on is uniform."""
ONE_MEMBER = 2
"""Units are sets; one member of a set that is on is uniform."""
ONE_SET = 3
"""There is one unit; if it is on, one set is chosen, and each of its members is uniform."""
ROWS = 4
"""Samples are rows of a finite training set."""
WHOLE_SET = 5
"""The samples of every step are all rows of a finite training set."""
UNIT_NORM = 6
"""Units are features, as with FEATURES; no sample is empty, and each is divided by its norm."""
DRAWN = {
    FEATURES: "29b2e08d3005f116d3a6f692fdc310f3",
    ALL_MEMBERS: "4819a7b5f3cc57700e7bba782770af21",
    ONE_MEMBER: "a719dfb3213e098231e5e3238cf9989c",
    ONE_SET: "cf076386d6c0b69509d01b84bf4aede7",
}
"""The codes that the file of a distribution may name, each with a digest of some samples of its law, by which
a file whose `sample` draws others is found (`superpos.config.condition`)."""
