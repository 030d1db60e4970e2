#include "notify/words/html_text.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using Strings = std::vector<std::string>;

TEST(HtmlTextTest, OnlyTheThreeCharactersThatMeanSomethingAreEscaped) {
  EXPECT_EQ(EscapeHtml("<b>&amp;\"'"), "&lt;b&gt;&amp;amp;\"'");
}

TEST(HtmlTextTest, WhatWasEscapedIsSeenAsItWas) {
  for (const char* text : {"", "<b>&amp;\"'", "&lt;", "a > b", "名前\n"}) {
    EXPECT_EQ(VisibleText(EscapeHtml(text)), text);
  }
  EXPECT_EQ(VisibleText("<b>web&lt;01&gt;</b> · <pre>x\n</pre>y"), "web<01> · x\ny");
}

TEST(HtmlTextTest, AMessageIsCutBetweenTwoLines) {
  EXPECT_EQ(SplitHtml("<b>one</b>\ntwo\nthree"), (Strings{"<b>one</b>", "two\nthree"}));
  EXPECT_EQ(SplitHtml("one line"), (Strings{"one line"}));
  EXPECT_EQ(SplitHtml("one line\n"), (Strings{"one line\n"}));
  EXPECT_EQ(SplitHtml(""), (Strings{""}));
}

TEST(HtmlTextTest, ATableIsClosedAndOpenedAgain) {
  EXPECT_EQ(SplitHtml("x\n<pre>a\nb\n</pre>y"), (Strings{"x\n<pre>a</pre>", "<pre>b\n</pre>y"}));
  EXPECT_EQ(SplitHtml("<pre>abcdef\n</pre>y"), (Strings{"<pre>abcdef</pre>", "y"}));
}

// However often the text is cut, each line appears once and each piece is valid by itself.
TEST(HtmlTextTest, NothingIsLostOrBrokenByCutting) {
  std::string html = "<b>host</b>\nhead\n<pre>";
  for (int i = 0; i < 40; ++i) absl::StrAppend(&html, "row", i, " &lt;\n");
  absl::StrAppend(&html, "</pre>foot\nid");
  Strings pieces = {html};
  for (int round = 0; round < 8; ++round) {
    Strings smaller;
    for (const std::string& piece : pieces) {
      for (std::string& half : SplitHtml(piece)) smaller.push_back(std::move(half));
    }
    pieces = smaller;
  }
  EXPECT_EQ(pieces.size(), 44u);
  std::string seen;
  for (const std::string& piece : pieces) {
    EXPECT_EQ(piece.find("<pre>") == std::string::npos, piece.find("</pre>") == std::string::npos)
        << piece;
    std::string line = VisibleText(piece);
    if (!line.empty() && line.back() == '\n') line.pop_back();
    absl::StrAppend(&seen, line, "\n");
  }
  EXPECT_EQ(seen, VisibleText(html) + "\n");
}

}  // namespace
}  // namespace cpuagg::notify
