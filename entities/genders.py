"""Which of "he" and "she" a name, a title or a noun goes with in English texts; unknown more often than not."""

from __future__ import annotations

import re
from typing import Literal

from entities.words import GIVEN_NAMES, words

Gender = Literal["he", "she", ""]

# Of the given names that we know, those of women; and those that both have.
SHE_NAMES = words("""
Abigail Ada Alexandra Alexis Alice Alicia Alison Amanda Amber Amy Ana Andrea Angela Anita Ann Anna Anne Annie Audrey
Barbara Beth Betty Brenda Caitlin Carla Carmen Carol Caroline Catherine Cheryl Chelsea Chloe Christina Christine
Cindy Claire Clara Claudia Crystal Danielle Dawn Deborah Debra Diana Diane Dominique Donna Dorothy Eileen Elaine
Eleanor Elena Elizabeth Ellen Emily Emma Eva Fiona Frances Giorgia Gloria Hannah Heather Heidi Helen Helena
Hillary Holly Ingrid Irene Isabel Isabella Ivanka Jane Janet Janice Jennifer Jessica Jill Joan Joanna Joanne Joyce
Judith Judy Julia Julie Kamala Karen Kate Katherine Kathleen Kathryn Kathy Katie Kimberly Kristen Kristin Kristina
Laura Lauren Linda Lindsay Lindsey Lisa Louise Lucy Lynn Margaret Maria Marie Marion Marissa Martha Martina Mary
Maureen Megan Meghan Melanie Melissa Michelle Molly Monica Nadia Nancy Naomi Natalie Natasha Nicole Nina Nora
Olivia Pamela Patricia Paula Peggy Rachel Rebecca Regina Rita Roberta Rosa Rosie Ruth Sally Samantha Sandra Sara
Sarah Shannon Sharon Sheila Shirley Sofia Sophia Sophie Stacey Stephanie Sue Susan Susanne Suzanne Sylvia Tamara
Tara Tatiana Teresa Theresa Tiffany Tina Ursula Valerie Vanessa Vera Veronica Victoria Virginia Vivian Wendy Yasmin
Zoe Adele Agnes Aisha Alexa Allison Angelina Antonia Ashleigh Beatrice Bella Bridget Britney Camilla Cara Carole
Cecilia Charlene Chiara Christiane Cristina Daisy Daniela Denise Doris Edith Ella Elsa Emilia Erica Erin Esther Eve
Felicity Flora Florence Freya Gabriela Gabrielle Gemma Georgia Georgina Gina Grace Greta Gwen Gwyneth Harriet Hazel
Hilary Ines Ivy Jacqueline Jasmine Jeanne Jenna Jenny Joanne Josephine Juliet Karin Katrina Katy Kayla Keira Kirsty
Kylie Leah Leila Lena Lesley Lily Liz Lorraine Lydia Mabel Madeleine Madonna Maggie Mandy Marina Marlene Matilda Maya
Mia Mila Miranda Miriam Mona Nadine Nigella Noreen Oprah Penelope Penny Petra Philippa Phoebe Polly Priyanka Rihanna
Rose Roxanne Sabine Selena Serena Shakira Sienna Simone Sonia Stella Svetlana Tanya Tess Tracey Trisha Venus Viola
Yvette Yvonne
""")
_EITHER_NAMES = words(
    """Alex Ashley Chris Jackie Jamie Jean Jordan Kelly Kim Lee Leslie Morgan Pat Robin Sidney Stacey Terry Tracy
    Michele Marion Lynn Dale Jay Jesse Shannon Simone Dominique Andrea Alexis Casey Taylor Charlie Sam"""
)
HE_TITLES = words(
    """Mr Sir Lord King Prince Duke Baron Earl Count Emperor Sultan Sheikh Father Brother Uncle Pope Congressman Chairman Spokesman Imam Bishop
    Cardinal Rabbi Archbishop"""
)
SHE_TITLES = words(
    """Mrs Ms Miss Madam Mme Lady Dame Queen Princess Duchess Baroness Countess Empress Sister Mother Aunt Congresswoman Chairwoman
    Spokeswoman Actress Businesswoman"""
)
_SHE_NOUN = re.compile(
    r"\b(?:actress|heroine|waitress|hostess|businesswoman|chairwoman|spokeswoman|congresswoman|policewoman|sportswoman|saleswoman|woman"
    r"|girl|mother|mum|mom|grandmother|wife|widow|girlfriend|fiancee|daughter|sister|aunt|niece|queen|princess|duchess|baroness"
    r"|ballerina|mother-of-\w+|ex-wife|bride|schoolgirl|pop princess)\b",
    re.IGNORECASE,
)
_HE_NOUN = re.compile(
    r"\b(?:actor|businessman|chairman|spokesman|congressman|policeman|sportsman|salesman|man|boy|father|dad|grandfather|husband|widower"
    r"|boyfriend|son|brother|uncle|nephew|king|prince|duke|baron|father-of-\w+|ex-husband|groom|schoolboy|frontman)\b",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"([A-Za-z]+)\.? $")
_APPOSITION = re.compile(r"(?:,? (?:aged )?\d\d)?, (?:an?|the) ([^,.;\n]{1,60})")
BESIDE = 80  # characters


def gender_of_name(name: str) -> Gender:
    """By the given name; "" when it is not known or both have it."""
    given = name.split(" ", 1)[0].split("-", 1)[0]
    if given in _EITHER_NAMES:
        return ""
    if given in SHE_NAMES:
        return "she"
    return "he" if given in GIVEN_NAMES else ""


def gender_beside(plain: str, start: int, end: int) -> Gender:
    """By a title before the name, or a noun that stands with it: "actress X", "X, a businessman"."""
    before, after = plain[max(0, start - BESIDE) : start], plain[end : end + BESIDE]
    title = _WORD_BEFORE.search(before)
    if title is not None:
        word = title.group(1)
        if word in HE_TITLES:
            return "he"
        if word in SHE_TITLES:
            return "she"
        if _SHE_NOUN.fullmatch(word):
            return "she"
        if _HE_NOUN.fullmatch(word):
            return "he"
    told = _APPOSITION.match(after)
    return gender_of_nouns(told.group(1)) if told is not None else ""


def gender_of_nouns(words: str) -> Gender:
    """By the first noun that tells: "a businessman and father"."""
    she, he = _SHE_NOUN.search(words), _HE_NOUN.search(words)
    if she and (not he or she.start() < he.start()):
        return "she"
    return "he" if he else ""
