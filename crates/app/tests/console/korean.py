"""English that is left on Korean pages: everything visible but what is a name, a value of the user's, or text of the API."""
import re

# Where values, names and logs stand, which no language changes: code, logs, texts of the API's refusals, times, choices, and what
# is named after an item.
VALUES = ("bdi, code, pre, kbd, samp, script, style, noscript, [lang=en], option, time, h1, .item-text strong, "
          ".items button, .items a, .trail")
# Words of the product's and the API's vocabulary that Korean texts have as they are, and what the demo shop calls its things.
NAMES = {
    "Tastemaker", "Amazon", "Personalize", "AWS", "API", "CLI", "JavaScript", "curl", "SDK", "NDCG", "MRR", "CSV", "JSON", "HPO",
    "ARN", "Avro", "Parquet", "Lines", "English", "Liquid", "Braze", "Markdown", "UTC", "Gini", "ISO", "Add", "Cart",
}
WORD = re.compile(r"[(\"'“‘]*([A-Za-z]{2,}(?:['’][a-z]+)?)[)\"'”’.,;:!?]*")


def sentences(text):
    """Runs of two English words or more, one of which is no name. A word with digits, hyphens or other signs in it is a name."""
    runs, run = [], []
    for token in text.split() + ["-"]:
        word = WORD.fullmatch(token)
        if word:
            run.append(word.group(1))
            continue
        if len(run) > 1 and not set(run) <= NAMES:
            runs.append(" ".join(run))
        run = []
    return runs


def english(browser):
    """English sentences in the visible text of the page and in the names of its parts."""
    texts = browser.driver.execute_script("""
        const texts = [];
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            if (node.data.trim() && !node.parentElement.closest(arguments[0])) texts.push(node.data);
        }
        for (const named of document.querySelectorAll('[aria-label], [placeholder], img[alt]')) {
            for (const name of ['aria-label', 'placeholder', 'alt']) {
                if (named.hasAttribute(name) && !named.closest(arguments[0])) texts.push(named.getAttribute(name));
            }
        }
        return texts;""", VALUES)
    return sorted({words for text in texts for words in sentences(text)})


assert sentences("추천 Nothing is left NDCG@10 aws-sims") == ["Nothing is left"] and not sentences("JSON Lines 파일, team=shop, g d")
