"""For the organiser of a study camp: roster, codes, schedule, check-ins, report, certificates. Start with GUIDE.en.md."""
