"""What the lead reads at the beginning of a day or a week: what is to be done first, then how it went.

Nobody is ranked, and whoever asked has no name here: what is quoted of questions and titles is masked as what is said
in public is.
"""

KEY = "digest"  # how the keys of its deliveries begin
DETAILS = "details"  # in those of what stands below it
