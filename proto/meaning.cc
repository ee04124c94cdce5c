#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <vector>

#include "proto/field_rule.h"
#include "proto/kind_meaning.h"
#include "proto/limits.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "proto/text.h"

// CheckMeaning in three steps: every field by its rule, messages that stand in many records, then
// what each kind needs beyond that.
namespace chibo {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// More people than any unit has; sums of a form's counts stay within 32 bits.
constexpr std::uint32_t kCountMax = 10'000'000;
// HTXSNV, HTTNV, HTNV, KHTNV.
constexpr int kLevels = 4;

// ---- One field ----------------------------------------------------------------------------------

Status CheckText(std::string_view text, Lines lines, const FieldDescriptor& field) {
  return Require(IsPlainText(text, lines), "text_not_plain", field.name());
}

// The value is not empty.
Status CheckString(const FieldRule& rule, const std::string& value, const FieldDescriptor& field) {
  const auto sized = [&](std::size_t size) {
    return Require(value.size() == size, "field_wrong_size", field.name());
  };
  switch (rule.shape) {
    case Shape::kId:
      return sized(UnitId::kSize);
    case Shape::kHash:
      return sized(Hash::kSize);
    case Shape::kKeyId:
      return sized(8);
    case Shape::kRandom:
      return sized(16);
    case Shape::kSignature:
      return sized(Signature::kSize);
    case Shape::kPeriod:
      return Require(IsPeriod(value), "period_unreadable", field.name());
    case Shape::kName:
      CHIBO_TRY(Require(value.size() <= limits::kNameBytesMax, "name_too_long", field.name()));
      return CheckText(value, Lines::kOne, field);
    case Shape::kLine:
      return CheckText(value, Lines::kOne, field);
    case Shape::kText:
      return CheckText(value, Lines::kMany, field);
    case Shape::kAny:
    case Shape::kOpaque:
    case Shape::kDate:
      return {};
  }
  CHECK(false);
}

Status CheckScalar(const FieldRule* rule, const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const bool given = reflection.HasField(message, &field);
  if (!given) {
    return Require(rule == nullptr || !rule->required, "field_required", field.name());
  }
  std::string scratch;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return rule == nullptr
                 ? Status()
                 : CheckString(*rule, reflection.GetStringReference(message, &field, &scratch),
                               field);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = reflection.GetEnumValue(message, &field);
      return Require(field.enum_type()->FindValueByNumber(number) != nullptr, "enum_unknown",
                     field.name());
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      return Require(rule == nullptr || rule->shape != Shape::kDate ||
                         IsDate(reflection.GetUInt32(message, &field)),
                     "date_does_not_exist", field.name());
    default:
      return {};
  }
}

Status CheckElement(const FieldRule* rule, const Message& message, const FieldDescriptor& field,
                    int index) {
  const Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    // An element says something: not given is no element.
    const int number = reflection.GetRepeatedEnumValue(message, &field, index);
    return Require(number != 0 && field.enum_type()->FindValueByNumber(number) != nullptr,
                   "enum_unknown", field.name());
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && rule != nullptr) {
    std::string scratch;
    const std::string& value =
        reflection.GetRepeatedStringReference(message, &field, index, &scratch);
    CHIBO_TRY(Require(!value.empty(), "field_required", field.name()));
    return CheckString(*rule, value, field);
  }
  return {};
}

// ---- Messages that stand in many records --------------------------------------------------------

Status MeansRef(const pb::Ref& ref) {
  // Entry 0 of a stream holds no records; without a stream, index 0 means this entry.
  CHIBO_TRY(Require(ref.stream().empty() || ref.index() > 0, "ref_to_genesis", "index"));
  return Require(ref.position() < limits::kEntryRecordsMax, "number_out_of_range", "position");
}

Status MeansPoint(const pb::Point& point) {
  return Require(point.size() == 0 || !point.root().empty(), "field_required", "root");
}

Status MeansKey(const pb::Key& key) {
  const bool known = key.algorithm() == 1 || key.algorithm() == 2;
  const std::uint32_t fitting = key.usage() == pb::SIGN ? 1 : 2;
  CHIBO_TRY(Require(!known || key.algorithm() == fitting, "key_algorithm_unfit", "algorithm"));
  return Require(!known || key.key().size() == 32, "field_wrong_size", "key");
}

Status MeansSig(const pb::Sig& sig) {
  return Require(sig.algorithm() != 1 || sig.signature().size() == Signature::kSize,
                 "field_wrong_size", "signature");
}

Status MeansVoteBase(const pb::VoteBase& base) {
  for (const std::uint32_t count :
       {base.official(), base.away(), base.exempt_absent(), base.suspended(), base.excused_absent(),
        base.eligible(), base.present()}) {
    CHIBO_TRY(Require(count <= kCountMax, "number_out_of_range", ""));
  }
  return {};
}

Status MeansTallyRow(const pb::TallyRow& row) {
  CHIBO_TRY(Require(row.votes_size() == kLevels, "votes_not_four", "votes"));
  for (const std::uint32_t count : {row.issued(), row.returned(), row.valid(), row.invalid(),
                                    row.votes(0), row.votes(1), row.votes(2), row.votes(3)}) {
    CHIBO_TRY(Require(count <= kCountMax, "number_out_of_range", ""));
  }
  return {};
}

template <typename T, Status (*means)(const T&)>
Status MeansAs(const Message& message) {
  return means(static_cast<const T&>(message));
}

using SharedMeaning = Status (*)(const Message&);

SharedMeaning SharedMeaningOf(const Descriptor* type) {
  static const std::map<const Descriptor*, SharedMeaning> kShared = {
      {pb::Ref::descriptor(), MeansAs<pb::Ref, MeansRef>},
      {pb::Point::descriptor(), MeansAs<pb::Point, MeansPoint>},
      {pb::Key::descriptor(), MeansAs<pb::Key, MeansKey>},
      {pb::Sig::descriptor(), MeansAs<pb::Sig, MeansSig>},
      {pb::VoteBase::descriptor(), MeansAs<pb::VoteBase, MeansVoteBase>},
      {pb::TallyRow::descriptor(), MeansAs<pb::TallyRow, MeansTallyRow>},
  };
  const auto found = kShared.find(type);
  return found == kShared.end() ? nullptr : found->second;
}

// ---- The walk -----------------------------------------------------------------------------------

// What is looked at in messages of one type. Found out once for each: finding a rule by its name
// takes longer than holding a field against it.
struct TypeRules {
  struct Field {
    const FieldDescriptor* field;
    const FieldRule* rule;
    const TypeRules* message;  // of its type, where it is one
  };
  std::vector<Field> fields;
  SharedMeaning shared = nullptr;
};
using RulesByType = std::map<const Descriptor*, TypeRules>;

const TypeRules& AddRules(const Descriptor* type, RulesByType& all) {
  const auto [at, added] = all.try_emplace(type);
  TypeRules& rules = at->second;
  if (!added) {
    return rules;
  }
  rules.shared = SharedMeaningOf(type);
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const Descriptor* inner = field->message_type();
    rules.fields.push_back({field, RuleOf(*field), inner ? &AddRules(inner, all) : nullptr});
  }
  return rules;
}

const TypeRules& RulesOf(const Message& record_body) {
  static const RulesByType kAll = [] {
    RulesByType all;
    AddRules(pb::Record::descriptor(), all);
    return all;
  }();
  return kAll.at(record_body.GetDescriptor());
}

// Paths are put together on the way out of a failure: a record in order costs none.
Status Under(const std::string& name, Status status) {
  if (!status) {
    std::string& where = status.error().where;
    where = where.empty() ? name : name + "." + where;
  }
  return status;
}

Status CheckFields(const TypeRules& rules, const Message& message);

Status CheckRepeated(const TypeRules::Field& at, const Message& message) {
  const FieldDescriptor& field = *at.field;
  const Reflection& reflection = *message.GetReflection();
  const int count = reflection.FieldSize(message, &field);
  CHIBO_TRY(Require(count > 0 || at.rule == nullptr || !at.rule->required, "field_required",
                    field.name()));
  for (int i = 0; i < count; ++i) {
    if (at.message != nullptr) {
      Status status = CheckFields(*at.message, reflection.GetRepeatedMessage(message, &field, i));
      if (!status) {
        return Under(field.name() + "[" + std::to_string(i) + "]", std::move(status));
      }
    } else if (Status status = CheckElement(at.rule, message, field, i); !status) {
      status.error().where += "[" + std::to_string(i) + "]";
      return status;
    }
  }
  return {};
}

Status CheckFields(const TypeRules& rules, const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  for (const TypeRules::Field& at : rules.fields) {
    const FieldDescriptor& field = *at.field;
    if (field.is_repeated()) {
      CHIBO_TRY(CheckRepeated(at, message));
    } else if (at.message == nullptr || !reflection.HasField(message, &field)) {
      CHIBO_TRY(CheckScalar(at.rule, message, field));
    } else {
      CHIBO_TRY(
          Under(field.name(), CheckFields(*at.message, reflection.GetMessage(message, &field))));
    }
  }
  return rules.shared != nullptr ? rules.shared(message) : Status();
}

std::optional<int> Year(std::string_view text) {
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), year);
  const bool whole = text.size() == 4 && error == std::errc() && end == text.data() + text.size();
  return whole && year >= 1900 && year <= 2199 ? std::optional(year) : std::nullopt;
}

}  // namespace

Status Require(bool holds, std::string_view reason, std::string_view where) {
  return holds ? Status() : Fail(Code::kBadInput, reason, std::string(where));
}

bool IsDate(std::uint32_t date) {
  const std::uint32_t year = date / 10000;
  if (year < 1900 || year > 2199) {
    return false;
  }
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(year)),
                                     std::chrono::month(date / 100 % 100),
                                     std::chrono::day(date % 100))
      .ok();
}

bool IsPeriod(std::string_view period) {
  const auto year = Year(period.substr(0, 4));
  if (!year || period.size() == 4) {
    return year.has_value();
  }
  const std::string_view rest = period.substr(5);
  if (period[4] != '-') {
    return false;
  }
  if (rest.starts_with('Q')) {
    return rest.size() == 2 && rest[1] >= '1' && rest[1] <= '4';
  }
  const auto last = Year(rest);
  return last && *last > *year;
}

Status CheckMeaning(const pb::Record& record) {
  const KindTraits* traits = TraitsOf(static_cast<std::uint32_t>(record.body_case()));
  if (traits == nullptr) {
    return Fail(Code::kBadInput, "field_required", "body");
  }
  const Message& message = BodyOf(record);
  const std::string name(traits->name);
  if (traits->open && message.ByteSizeLong() > limits::kOpenRecordBytesMax) {
    return Fail(Code::kTooLarge, "record_too_large", name);
  }
  if (!traits->object.empty()) {
    const FieldDescriptor* body = message.GetDescriptor()->FindFieldByName("body");
    CHIBO_TRY(Require(message.GetReflection()->HasField(message, body), "field_required",
                      name + ".body"));
  }
  CHIBO_TRY(Under(name, CheckFields(RulesOf(message), message)));
  return Under(traits->object.empty() ? name : name + ".body", MeansByKind(record));
}

}  // namespace chibo
