#include "notify/testing/markup/telegram_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "notify/testing/markup/formatted_text.h"

namespace cpuagg::notify::testing {
namespace {

TEST(TelegramHtmlTest, EveryTagBecomesItsEntity) {
  const struct {
    std::string html;
    TextEntity entity;
  } cases[] = {
      {"<b>x</b>", {"bold", 0, 1, ""}},
      {"<strong>x</strong>", {"bold", 0, 1, ""}},
      {"<i>x</i>", {"italic", 0, 1, ""}},
      {"<em>x</em>", {"italic", 0, 1, ""}},
      {"<u>x</u>", {"underline", 0, 1, ""}},
      {"<ins>x</ins>", {"underline", 0, 1, ""}},
      {"<s>x</s>", {"strikethrough", 0, 1, ""}},
      {"<strike>x</strike>", {"strikethrough", 0, 1, ""}},
      {"<del>x</del>", {"strikethrough", 0, 1, ""}},
      {"<code>x</code>", {"code", 0, 1, ""}},
      {"<code class=\"language-sh\">x</code>", {"code", 0, 1, ""}},
      {"<pre>x</pre>", {"pre", 0, 1, ""}},
      {"<pre><code class=\"language-sh\">x</code></pre>", {"pre", 0, 1, "sh"}},
      {"<code class='language-sh'><pre>x</pre></code>", {"pre", 0, 1, "sh"}},
      {"<tg-spoiler>x</tg-spoiler>", {"spoiler", 0, 1, ""}},
      {"<span class=\"tg-spoiler\">x</span>", {"spoiler", 0, 1, ""}},
      {"<tg-emoji emoji-id=\"5368\">x</tg-emoji>", {"custom_emoji", 0, 1, "5368"}},
      {"<blockquote>x</blockquote>", {"blockquote", 0, 1, ""}},
      {"<blockquote cite>x</blockquote>", {"blockquote", 0, 1, ""}},
      {"<blockquote expandable>x</blockquote>", {"expandable_blockquote", 0, 1, ""}},
      {"<blockquote expandable=no>x</blockquote>", {"expandable_blockquote", 0, 1, ""}},
      {"<a href=\"https://e.org/?a=1&amp;b=2\">x</a>",
       {"text_link", 0, 1, "https://e.org/?a=1&b=2"}},
      {"<a href=e.org>x</a>", {"text_link", 0, 1, "http://e.org/"}},
      {"<a>e.org</a>", {"text_link", 0, 5, "http://e.org/"}},
      {"<a href=\"tg://user?id=42\">x</a>", {"text_mention", 0, 1, "42"}},
      {"<B>x</b >", {"bold", 0, 1, ""}},
      {"<b>x</>", {"bold", 0, 1, ""}},
      {"<b\n id = Some.thing-1 title='a>b' >x</b>", {"bold", 0, 1, ""}},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<FormattedText> text = ParseTelegramHtml(c.html);
    ASSERT_TRUE(text.ok()) << c.html << ": " << text.status();
    EXPECT_THAT(text->entities, ::testing::ElementsAre(c.entity)) << c.html;
    EXPECT_EQ(text->text, c.html == "<a>e.org</a>" ? "e.org" : "x") << c.html;
  }
}

TEST(TelegramHtmlTest, TextWithoutEntitiesComesThrough) {
  const struct {
    std::string html;
    std::string text;
  } cases[] = {
      {"", ""},
      {"a > b & c", "a > b & c"},
      {"&lt;b&gt; &amp;amp; &quot;&#39;&#x41;", "<b> &amp; \"'A"},
      {"&laquo;&nbsp;&apos;", "&laquo;&nbsp;&apos;"},
      {"<b></b>", ""},
      {"<a>word</a>", "word"},
      {"<a href=\"ftp://e.org\">word</a>", "word"},
      {" \t\r\n ", " \t\r\n "},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<FormattedText> text = ParseTelegramHtml(c.html);
    ASSERT_TRUE(text.ok()) << c.html << ": " << text.status();
    EXPECT_EQ(text->text, c.text) << c.html;
    EXPECT_THAT(text->entities, ::testing::IsEmpty()) << c.html;
  }
}

TEST(TelegramHtmlTest, OffsetsCountUtf16CodeUnits) {
  const absl::StatusOr<FormattedText> text =
      ParseTelegramHtml("\U0001F600\u00E9<b>\U0001F600&lt;</b><i>&#x1F600;</i>");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(text->entities,
              ::testing::ElementsAre(TextEntity{"bold", 3, 3, ""}, TextEntity{"italic", 6, 2, ""}));
}

TEST(TelegramHtmlTest, NestedEntitiesAreSortedOutsideIn) {
  const absl::StatusOr<FormattedText> text =
      ParseTelegramHtml("<b>a<i>b<u>c</u></i></b><pre> <code class=\"language-x\">d</code></pre>");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(text->entities,
              ::testing::ElementsAre(TextEntity{"bold", 0, 3, ""}, TextEntity{"italic", 1, 2, ""},
                                     TextEntity{"underline", 2, 1, ""}, TextEntity{"pre", 3, 2, ""},
                                     TextEntity{"code", 4, 1, ""}));
}

TEST(TelegramHtmlTest, MistakesAreNamedInTheServersWords) {
  const struct {
    std::string html;
    std::string error;
  } cases[] = {
      {"<h1>x</h1>", "Unsupported start tag \"h1\" at byte offset 0"},
      {"\u00E9<BR>", "Unsupported start tag \"br\" at byte offset 2"},
      {"a < b >", "Unsupported start tag \"\" at byte offset 2"},
      {"1<2", "Unclosed start tag at byte offset 1"},
      {"<b", "Unclosed start tag at byte offset 0"},
      {"<b ", "Unclosed start tag at byte offset 0"},
      {"<i =x>", "Empty attribute name in the tag \"i\" at byte offset 0"},
      {"<i x>",
       "Expected equal sign in declaration of an attribute of the tag \"i\" at byte offset 0"},
      {"<i x", "Unclosed start tag at byte offset 0"},
      {"<i x = ", "Unclosed start tag \"i\" at byte offset 0"},
      {"<i x=a,b>", "Unexpected end of name token at byte offset 5"},
      {"<i x=a", "Unclosed start tag at byte offset 0"},
      {"<i x=\"a>", "Unclosed start tag at byte offset 0"},
      {"</b>", "Unexpected end tag at byte offset 0"},
      {"<b></b></b>", "Unexpected end tag at byte offset 7"},
      {"<b>x</b", "Unclosed end tag at byte offset 4"},
      {"<b>x</b y>", "Unclosed end tag at byte offset 4"},
      {"<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""},
      {"<b><i>x</b></i>", "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\""},
      {"<b>x", "Can't find end tag corresponding to start tag \"b\""},
      {"<b>x<i>y", "Can't find end tag corresponding to start tag \"i\""},
      {"<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"},
      {"<span class=x>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"},
      {"<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"},
      {"&#xD800;",
       "Text contains invalid Unicode characters after decoding HTML entities, check for "
       "unmatched surrogate code units"},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<FormattedText> text = ParseTelegramHtml(c.html);
    EXPECT_EQ(text.status(), absl::InvalidArgumentError(c.error)) << c.html;
  }
}

TEST(TelegramHtmlTest, ATextCutInsideATagOrBeforeItsEndTagIsRefused) {
  const std::string html =
      "<b>a</b><a href='https://e.org/&amp;'>b</a><pre><code class=\"language-x\">&lt;</code></pre>"
      "<blockquote expandable>q</blockquote>";
  EXPECT_TRUE(ParseTelegramHtml(html).ok());
  for (size_t size = 1; size < html.size(); ++size) {
    const std::string cut = html.substr(0, size);
    const absl::StatusOr<FormattedText> text = ParseTelegramHtml(cut);
    // Only after a tag can a cut leave a whole text.
    if (cut.back() == '>') continue;
    EXPECT_TRUE(absl::IsInvalidArgument(text.status())) << cut;
  }
}

}  // namespace
}  // namespace cpuagg::notify::testing
