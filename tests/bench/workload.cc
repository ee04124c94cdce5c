#include "tests/bench/workload.h"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/bytes.h"

namespace chibo::bench {
namespace {

using Json = nlohmann::json;

const std::map<std::string, WorkKind>& Kinds() {
  static const std::map<std::string, WorkKind> kKinds{
      {"profile", WorkKind::kProfile},     {"rolecert", WorkKind::kRoleCert},
      {"meeting", WorkKind::kMeeting},     {"selfreview", WorkKind::kSelfReview},
      {"opinion", WorkKind::kOpinion},     {"vote", WorkKind::kVote},
      {"celltally", WorkKind::kCellTally},
  };
  return kKinds;
}

// Takes fields from one line; remembers that one was missing or of another type.
class LineReader {
 public:
  explicit LineReader(std::map<std::string, std::size_t>& members) : members_(members) {}

  bool ok() const { return ok_; }
  std::string Text(const Json& object, const char* name) {
    const Json* field = Field(object, name);
    return Expect(field != nullptr && field->is_string()) ? field->get<std::string>() : "";
  }
  std::int64_t Number(const Json& object, const char* name) {
    const Json* field = Field(object, name);
    return Expect(field != nullptr && field->is_number_integer()) ? field->get<std::int64_t>() : 0;
  }
  std::uint32_t Count(const Json& object, const char* name) {
    const std::int64_t number = Number(object, name);
    Expect(number >= 0 && number <= 100'000);
    return static_cast<std::uint32_t>(number);
  }
  std::size_t Member(const Json& object, const char* name) { return Known(Text(object, name)); }

  WorkRecord Record(WorkKind kind, const Json& line) {
    WorkRecord record;
    record.kind = kind;
    record.time_ms = Number(line, "ts");
    const Json* body = Field(line, "body");
    if (Expect(body != nullptr && body->is_object())) {
      Body(*body, record);
    }
    return record;
  }

 private:
  bool Expect(bool holds) {
    ok_ = ok_ && holds;
    return holds;
  }
  const Json* Field(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
  }
  std::size_t Known(const std::string& id) {
    const auto found = members_.find(id);
    return Expect(found != members_.end()) ? found->second : 0;
  }

  void Body(const Json& body, WorkRecord& record) {
    switch (record.kind) {
      case WorkKind::kProfile:
        return Profile(body, record);
      case WorkKind::kRoleCert:
        return RoleCert(body, record);
      case WorkKind::kMeeting:
        return Meeting(body, record);
      case WorkKind::kSelfReview:
        record.who = Member(body, "who");
        record.number = Count(body, "year");
        record.level = Count(body, "level");
        record.text = Text(body, "text");
        return;
      case WorkKind::kOpinion:
        record.who = Member(body, "who");
        record.by = Member(body, "by");
        record.text = Text(body, "text");
        return;
      case WorkKind::kVote:
        record.who = Member(body, "who");
        record.issued = Count(body, "issued");
        record.returned = Count(body, "returned");
        record.invalid = Count(body, "invalid");
        return Votes(body, record);
      case WorkKind::kCellTally:
        record.number = Count(body, "year");
        record.issued = Count(body, "members");
        record.level = Count(body, "level");
        return Votes(body, record);
    }
  }
  void Profile(const Json& body, WorkRecord& record) {
    record.text = Text(body, "name");
    record.parent = Text(body, "parent");
    record.number = Count(body, "year");
    const Json* members = Field(body, "members");
    if (!Expect(members != nullptr && members->is_array())) {
      return;
    }
    members_.clear();
    for (const Json& member : *members) {
      members_.emplace(Text(member, "id"), record.names.size());
      record.names.push_back(Text(member, "name"));
    }
  }
  void RoleCert(const Json& body, WorkRecord& record) {
    static const std::array<std::string, 5> kRoles{"bithu", "phobithu", "thuky", "capuy",
                                                   "kiemphieu"};
    record.who = Member(body, "who");
    record.number = Count(body, "from");
    const std::string role = Text(body, "role");
    while (record.role < kRoles.size() && kRoles[record.role] != role) {
      ++record.role;
    }
    const auto key = FromHex(Text(body, "key"));
    Expect(record.role < kRoles.size() && key && key->size() == 32);
    record.key = key.value_or(std::string());
  }
  void Meeting(const Json& body, WorkRecord& record) {
    record.number = Count(body, "month");
    record.who = Member(body, "chair");
    record.by = Member(body, "clerk");
    record.text = Text(body, "minutes");
    const Json* present = Field(body, "present");
    if (Expect(present != nullptr && present->is_array())) {
      for (const Json& member : *present) {
        if (Expect(member.is_string())) {
          record.present.push_back(Known(member.get<std::string>()));
        }
      }
    }
  }
  void Votes(const Json& body, WorkRecord& record) {
    const Json* votes = Field(body, "n");
    if (Expect(votes != nullptr && votes->is_object())) {
      constexpr std::array<const char*, 4> kLevels{"4", "3", "2", "1"};
      for (std::size_t i = 0; i < kLevels.size(); ++i) {
        record.votes[i] = Count(*votes, kLevels[i]);
      }
    }
  }

  std::map<std::string, std::size_t>& members_;
  bool ok_ = true;
};

void AppendText(std::string& out, const std::string& text) {
  AppendVarint(out, text.size());
  out += text;
}

void AppendRecord(std::string& out, const WorkRecord& record) {
  out.push_back(static_cast<char>(record.kind));
  const auto number = [&out](std::uint64_t value) { AppendVarint(out, value); };
  const auto votes = [&] {
    for (const std::uint32_t count : record.votes) {
      number(count);
    }
  };
  switch (record.kind) {
    case WorkKind::kProfile:
      AppendText(out, record.text);
      AppendText(out, record.parent);
      number(record.number);
      number(record.names.size());
      for (const std::string& name : record.names) {
        AppendText(out, name);
      }
      return;
    case WorkKind::kRoleCert:
      number(record.who);
      number(record.role);
      number(record.number);
      out += record.key;
      return;
    case WorkKind::kMeeting: {
      std::uint64_t present = 0;
      for (const std::size_t member : record.present) {
        present |= std::uint64_t{1} << (member % 64);
      }
      number(record.number);
      number(record.who);
      number(record.by);
      number(present);
      return AppendText(out, record.text);
    }
    case WorkKind::kSelfReview:
      number(record.who);
      number(record.number);
      number(record.level);
      return AppendText(out, record.text);
    case WorkKind::kOpinion:
      number(record.who);
      number(record.by);
      return AppendText(out, record.text);
    case WorkKind::kVote:
      number(record.who);
      number(record.issued);
      number(record.returned);
      number(record.invalid);
      return votes();
    case WorkKind::kCellTally:
      number(record.number);
      number(record.issued);
      votes();
      return number(record.level);
  }
}

}  // namespace

std::size_t CellYear::records() const {
  std::size_t count = 0;
  for (const Sitting& sitting : sittings) {
    count += sitting.size();
  }
  return count;
}

Result<std::vector<CellYear>> ReadWorkload(std::istream& in) {
  std::vector<CellYear> years;
  std::map<std::string, std::size_t> members;
  std::int64_t batch = 0;
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    if (text.empty()) {
      continue;
    }
    const auto malformed = [&] {
      return Fail(Code::kBadInput, "workload_malformed", "line " + std::to_string(number));
    };
    const Json line = Json::parse(text, nullptr, false);
    if (!line.is_object()) {
      return malformed();
    }
    LineReader reader(members);
    const std::string cell = reader.Text(line, "cell");
    const auto kind = Kinds().find(reader.Text(line, "type"));
    const std::int64_t its_batch = reader.Number(line, "batch");
    if (kind == Kinds().end()) {
      return malformed();
    }
    const bool new_cell = years.empty() || years.back().cell != cell;
    if (new_cell && kind->second != WorkKind::kProfile) {
      return malformed();
    }
    const WorkRecord record = reader.Record(kind->second, line);
    if (!reader.ok() || record.names.size() > 64) {
      return malformed();
    }
    if (new_cell) {
      years.push_back({cell, {}});
    }
    if (new_cell || its_batch != batch) {
      years.back().sittings.emplace_back();
    }
    batch = its_batch;
    years.back().sittings.back().push_back(record);
  }
  if (years.empty()) {
    return Fail(Code::kBadInput, "workload_empty");
  }
  return years;
}

std::string CompactForm(const Sitting& sitting, std::int64_t previous_ms) {
  std::string form;
  const std::int64_t since = sitting.front().time_ms - previous_ms;
  AppendVarint(form, static_cast<std::uint64_t>(since > 0 ? since / 1000 : 0));
  for (const WorkRecord& record : sitting) {
    AppendRecord(form, record);
  }
  return form;
}

std::string CompactForm(const CellYear& year) {
  std::string form;
  std::int64_t previous_ms = 0;
  for (const Sitting& sitting : year.sittings) {
    form += CompactForm(sitting, previous_ms);
    previous_ms = sitting.front().time_ms;
  }
  return form;
}

}  // namespace chibo::bench
