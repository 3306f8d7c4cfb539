"""The dated plan: a mixed-integer programme over classes of equal sites, solved by HiGHS.

`plan.solve(case, options)` gives a `Solution`: the result, its actions at single sites, and what was assumed.
Equal sites are one class (`units`), what may stand at a site is a list of configurations (`options`), limits and
rules are rows with names (`limits`, `rule_rows`), and integers of classes become single sites without any loss
(`disaggregate`), so the gap of the programme is the gap of the whole.
"""
