"""Names of people, agencies and schools, all made up. Some given names are words, which a search for names must cope with."""

from __future__ import annotations

GIRLS = {
    "british": [
        "Grace",
        "Rose",
        "Hope",
        "Summer",
        "April",
        "Daisy",
        "Olivia",
        "Poppy",
        "Amelia",
        "Isla",
        "Ruby",
        "Faith",
        "Willow",
        "Lily",
        "Freya",
        "Scarlett",
        "Ivy",
        "Joy",
    ],
    "european": ["Zofia", "Łucja", "Ioana", "Beatriz", "Kateryna", "Ludmiła", "Inês", "Daša"],
    "asian": ["Zainab", "Aisha", "Priya", "Simran", "Nusrat", "Anaya", "Harleen", "Mariam"],
    "african": ["Amara", "Ngozi", "Efua", "Hodan", "Selam", "Thandiwe", "Adaeze"],
    "other": ["Mei-Ling", "Linh", "Shirin", "Parisa", "Noor", "Rojin"],
}
BOYS = {
    "british": [
        "Will",
        "Mark",
        "Jack",
        "Archie",
        "Alfie",
        "Harry",
        "Max",
        "Miles",
        "Frank",
        "Rob",
        "Jude",
        "Oscar",
        "Toby",
        "Leo",
        "Charlie",
        "Ash",
        "Reuben",
        "Dylan",
    ],
    "european": ["Łukasz", "Andrei", "João", "Mateusz", "Oleksandr", "Ștefan", "Kacper"],
    "asian": ["Yusuf", "Hamza", "Arjun", "Gurpreet", "Rahim", "Ibrahim", "Ishaan", "Zayan"],
    "african": ["Kwame", "Tendai", "Abdi", "Chidi", "Samuel", "Yonas", "Kofi"],
    "other": ["Wei", "Minh", "Ahmad", "Dilshad", "Farhad", "Tuan", "Rebin"],
}
FAMILIES = {
    "british": [
        "Young",
        "King",
        "Best",
        "May",
        "Bright",
        "Wood",
        "Rivers",
        "Field",
        "Marsh",
        "O'Dell",
        "Hart",
        "Day",
        "Winter",
        "Penhaligon-Smith",
        "Frost",
        "Bell",
        "Park",
    ],
    "european": ["Wiśniewski", "Popescu", "Ferreira", "Kovalenko", "Nowak", "Dumitru", "Bondarenko"],
    "asian": ["Hussain", "Patel", "Kaur", "Chowdhury", "Khan", "Singh", "Mahmood", "Sharma"],
    "african": ["Mensah", "Okafor", "Warsame", "Tesfaye", "Ncube", "Boateng", "Adeyemi"],
    "other": ["Chen", "Nguyễn", "Rahimi", "Al-Sayed", "Karimi", "Hassan", "Tran"],
}
MIDDLE = {"F": ("", "", "", "", "Rose", "Hope", "Grace"), "M": ("", "", "", "", "James", "Lee", "Ray")}

# SSDA903 ETHNIC code, share in a hundred, and which of the lists above a child of it is named from.
ETHNIC = (
    ("WBRI", 54, "british"),
    ("WIRI", 1, "british"),
    ("WOTH", 8, "european"),
    ("WROM", 2, "european"),
    ("WIRT", 1, "british"),
    ("MWBC", 6, "british"),
    ("MWBA", 3, "african"),
    ("MWAS", 4, "asian"),
    ("MOTH", 2, "british"),
    ("APKN", 5, "asian"),
    ("AIND", 3, "asian"),
    ("ABAN", 2, "asian"),
    ("BAFR", 5, "african"),
    ("BCRB", 2, "british"),
    ("AOTH", 1, "other"),
    ("OOTH", 1, "other"),
)

PRIMARY = (
    "Willow Brook Primary School (example)",
    "St Elsewhere's Church of England Primary School (example)",
    "Conker Lane Primary School (example)",
    "Puddle Hill Primary School (example)",
)
SECONDARY = ("Nowhere Park Academy (example)", "Long Pencil Community School (example)", "Halfway Tree School (example)")
SPECIAL = "Orchard Gate Special School (example)"
NURSERY = "Small Wellies Nursery (example)"
