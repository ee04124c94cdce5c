#include "tests/node/sample_lines.h"

namespace chibo {

std::string MemberLine(const std::string& name) {
  return R"({"member":{"person":"@new","name":")" + name +
         R"(","birth":19800201,"admitted":20050301,"official":20060301}})";
}

std::string ReviewLine(const std::string& text) {
  return R"({"review_report":{"subject":{"kind":"MEMBER","id":"@new"},"period":"2019","form":"2A","text":")" +
         text + R"(","signed":20191128}})";
}

std::set<std::string> MemberNames(SimNode& node, bool counted) {
  std::set<std::string> names;
  const Status read = node.replica().view().VisitFacts([&](const Fact& fact) {
    if (fact.record != nullptr && fact.record->has_member() && fact.counts() == counted) {
      names.insert(fact.record->member().name());
    }
    return true;
  });
  CHECK(read.has_value());
  return names;
}

}  // namespace chibo
