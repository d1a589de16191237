"""Exercises that earlier versions of the course had. Their numbers are not used again."""

RETIRED = {  # number -> what stands in its place
    "01.2": "01.4",
    "03.5": "03.6",
    "04.5": "04.6",
    "06.3": "06.5",
    "07.5": "07.8",
    "10.2": "10.5",
    "11.4": "11.6",
}
