// Package sim is a seeded world of impatient people who want to speak, and a floor that hears them.
//
// One seed makes one session of one case: who wants to ask when, how long each would speak, who gives up and who asks
// again. Each rule then runs the same session, so what differs between two rules is the rule. The zipper is the one
// of package floor, driven through its commands like any session; first come, strict alternation and time-fair
// queueing choose a ticket of the same floor, which keeps the same books for all four (seed S8, S15).
//
// Always true: a seed gives the same session on any machine and with any number of cores; what a person would do at
// their k-th ask does not depend on the rule. How many come and how they behave stands in model.json, and what was
// measured in real queues in measured.json; docs/fairness.md says what the figures mean.
//
// Left to others: latencies of machines and lost connections (internal/rehearse), and whether the rule keeps its
// promises in every session, however odd (the tests of package floor).
package sim
