#include "aggregate/account_book.h"

#include <optional>
#include <vector>

#include "acct/units.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;

TEST(AccountBookTest, AnIdThatIsUsedAgainIsAnotherAccount) {
  AccountBook book;
  EXPECT_EQ(book.Add({Uid(1), "alice"}), 0u);
  EXPECT_EQ(book.Add({Uid(1), "bob"}), 1u);
  EXPECT_EQ(book.Add({Uid(2), "bob"}), 2u);
  EXPECT_EQ(book.Add({Uid(1), "alice"}), 0u);
  EXPECT_EQ(book.accounts(),
            (std::vector<Account>{{Uid(1), "alice"}, {Uid(1), "bob"}, {Uid(2), "bob"}}));
}

TEST(AccountBookTest, AnIdWithoutANameBelongsToTheLastNameItHad) {
  AccountBook book;
  EXPECT_EQ(book.Add({Uid(1), "alice"}), 0u);
  EXPECT_EQ(book.Add({Uid(1), std::nullopt}), 0u);
  EXPECT_EQ(book.Add({Uid(1), "bob"}), 1u);
  EXPECT_EQ(book.Add({Uid(1), "alice"}), 0u);
  EXPECT_EQ(book.Add({Uid(1), std::nullopt}), 0u);
}

TEST(AccountBookTest, WhoWasNamelessFirstIsNotTakenForWhoeverGetsTheIdLater) {
  AccountBook book;
  EXPECT_EQ(book.Add({Uid(1), std::nullopt}), 0u);
  EXPECT_EQ(book.Add({Uid(1), std::nullopt}), 0u);
  EXPECT_EQ(book.Add({Uid(1), "alice"}), 1u);
  EXPECT_EQ(book.Add({Uid(1), std::nullopt}), 1u);
  EXPECT_EQ(book.accounts().size(), 2u);
}

}  // namespace
}  // namespace cpuagg::aggregate
