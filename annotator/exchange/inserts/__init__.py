"""From raw drug inserts to sentences that hold complete interactions (CH-DDI paper, section 4.1).

Sections are chosen, their text is cleaned, cut, and prefixed with the drug: `药名@句子`. Pure
functions; each change and each cut is remembered, so that a person can look at it.
"""
