"""What a check holds of a student's work: proxies that ask, and never run or believe anything.

verdict   the one exception by which an answer is found wanting
peer      whoever answers: a confined runner, or this very process
proxies   a module and a tensor of the student's, seen through the wire
answer    one question's answer: typed access by name
"""
