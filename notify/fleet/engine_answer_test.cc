#include "notify/fleet/engine_answer.h"

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

std::string Body(const std::string& result, const std::string& type = "vector") {
  return absl::StrCat(R"({"status":"success","data":{"resultType":")", type, R"(","result":)",
                      result, "}}");
}

TEST(EngineAnswerTest, AVectorHasOnePointOfEachSeries) {
  const absl::StatusOr<EngineAnswer> answer = ParseEngineAnswer(
      Body(R"([{"metric":{"user":"al\"ice","mode":"user"},"value":[1795564800.9,"368715.24"]},)"
           R"({"metric":{},"value":[0,"9.00719925474099e+12"],"more":1}])"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->series.size(), 2u);
  EXPECT_EQ(answer->series[0].Label("user"), "al\"ice");
  EXPECT_EQ(answer->series[0].Label("uid"), "");
  ASSERT_EQ(answer->series[0].points.size(), 1u);
  EXPECT_EQ(answer->series[0].points[0].time, 1795564800);
  EXPECT_EQ(answer->series[0].points[0].value, 368715.24);
  EXPECT_EQ(answer->series[1].points[0].value, 9.00719925474099e+12);
  EXPECT_TRUE(answer->damage.empty());
}

TEST(EngineAnswerTest, AMatrixHasManyPoints) {
  const absl::StatusOr<EngineAnswer> answer =
      ParseEngineAnswer(Body(R"([{"metric":{},"values":[[3600,"1.5"],[7200,"-2"]]}])", "matrix"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->series[0].points.size(), 2u);
  EXPECT_EQ(answer->series[0].points[1].time, 7200);
  EXPECT_EQ(answer->series[0].points[1].value, -2);
  for (const char* const nothing : {"[]", "null"}) {
    const absl::StatusOr<EngineAnswer> empty = ParseEngineAnswer(Body(nothing, "matrix"));
    ASSERT_TRUE(empty.ok()) << empty.status();
    EXPECT_TRUE(empty->series.empty());
  }
}

TEST(EngineAnswerTest, WhatIsNotAnAnswerIsDataLoss) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  for (const std::string& body : {std::string(),
                                  std::string("<html>"),
                                  std::string("[]"),
                                  std::string("7"),
                                  std::string(R"({"status":"error"})"),
                                  std::string(R"({"status":"success"})"),
                                  std::string(R"({"status":"success","data":[]})"),
                                  Body("[]", "scalar"),
                                  Body("{}"),
                                  Body("[7]"),
                                  Body("[{}]"),
                                  Body(R"([{"metric":[],"value":[1,"2"]}])"),
                                  Body(R"([{"metric":{"a":1},"value":[1,"2"]}])"),
                                  Body(R"([{"metric":{}}])"),
                                  Body(R"([{"metric":{},"value":[1,"2"],"values":[]}])"),
                                  Body(R"([{"metric":{},"values":{}}])"),
                                  Body(R"([{"metric":{},"value":[1]}])"),
                                  Body(R"([{"metric":{},"value":[1,2]}])"),
                                  Body(R"([{"metric":{},"value":["1","2"]}])"),
                                  Body(R"([{"metric":{},"value":[1,"2",3]}])"),
                                  Body(R"([{"metric":{},"value":[-1,"2"]}])"),
                                  Body(R"([{"metric":{},"value":[1e300,"2"]}])"),
                                  Body(R"([{"metric":{},"value":[1,"NaN"]}])"),
                                  Body(R"([{"metric":{},"value":[1,"+Inf"]}])"),
                                  Body(R"([{"metric":{},"value":[1,"1 2"]}])"),
                                  Body(R"([{"metric":{},"value":[1,""]}])"),
                                  deep,
                                  Body(deep)}) {
    EXPECT_TRUE(absl::IsDataLoss(ParseEngineAnswer(body).status())) << body.substr(0, 200);
  }
}

TEST(EngineAnswerTest, AnErrorWithTheStatusOfSuccessSaysWhy) {
  EXPECT_EQ(ParseEngineAnswer(R"({"status":"error","errorType":"bad_data","error":"no\nway\n"})")
                .status()
                .message(),
            "the answer is not one of a query: the engine says: no\\nway");
}

TEST(EngineAnswerTest, PartialAnswersSayWhy) {
  const std::string data = R"("data":{"resultType":"vector","result":[]}})";
  const absl::StatusOr<EngineAnswer> partial =
      ParseEngineAnswer(R"({"status":"success","isPartial":true,)" + data);
  ASSERT_TRUE(partial.ok());
  EXPECT_EQ(partial->damage.size(), 1u);
  const absl::StatusOr<EngineAnswer> warned = ParseEngineAnswer(
      R"({"status":"success","isPartial":false,"warnings":["a\u001b[2J\n",7,"c","d"],)" + data);
  ASSERT_TRUE(warned.ok());
  EXPECT_EQ(warned->damage, (std::vector<std::string>{"a\\x1b[2J\\n", "a warning", "c"}));
}

TEST(EngineAnswerTest, ErrorsAreShortPrintableLines) {
  EngineError error = ParseEngineError(
      R"({"status":"error","errorType":"execution","error":"too many samples\n"})");
  EXPECT_EQ(error.type, "execution");
  EXPECT_EQ(error.text, "too many samples");
  EXPECT_FALSE(error.is_about_series);
  error = ParseEngineError("404 page not found\r\n");
  EXPECT_EQ(error.type, "");
  EXPECT_EQ(error.text, "404 page not found");
  EXPECT_EQ(ParseEngineError("").text, "");
  EXPECT_EQ(ParseEngineError("\x1b[2J").text, "\\x1b[2J");
  // VictoriaMetrics repeats the query, and then says why.
  error = ParseEngineError(absl::StrCat(R"({"errorType":"422","error":"cannot execute ()",
                                        std::string(3000, 'x'),
                                        R"(): timeseries exceeds 300000; narrow down"})"));
  EXPECT_TRUE(error.is_about_series);
  EXPECT_LT(error.text.size(), 250u);
  EXPECT_TRUE(absl::StartsWith(error.text, "cannot execute"));
  EXPECT_TRUE(absl::StrContains(error.text, "300000; narrow down"));
}

TEST(EngineAnswerTest, SecondsAreRoundedToTicks) {
  EXPECT_EQ(TicksOfSeconds(328409787.4599998)->count(), 32840978746u);
  EXPECT_EQ(TicksOfSeconds(0)->count(), 0u);
  EXPECT_EQ(TicksOfSeconds(-0.001)->count(), 0u);
  EXPECT_EQ(TicksOfSeconds(90'071'992'547'409.0)->count(), 9'007'199'254'740'900u);
  EXPECT_TRUE(absl::IsOutOfRange(TicksOfSeconds(-0.01).status()));
  EXPECT_TRUE(absl::IsOutOfRange(TicksOfSeconds(1e14).status()));
  EXPECT_TRUE(absl::IsOutOfRange(TicksOfSeconds(1e300).status()));
}

}  // namespace
}  // namespace cpuagg::notify
