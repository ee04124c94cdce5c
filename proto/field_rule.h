#ifndef CHIBO_PROTO_FIELD_RULE_H_
#define CHIBO_PROTO_FIELD_RULE_H_

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <span>
#include <string_view>

// What each field of a record may hold, one line a field: the part of CheckMeaning that needs no
// other field.
namespace chibo {

enum class Shape : std::uint8_t {
  kAny,        // enums are checked for their range in any case
  kId,         // 16 bytes: a unit or a person
  kHash,       // 32 bytes
  kKeyId,      // 8 bytes
  kRandom,     // 16 bytes
  kSignature,  // 64 bytes
  kOpaque,     // bytes that something else looks into
  kDate,
  kPeriod,
  kName,  // one line, at most limits::kNameBytesMax
  kLine,  // one line
  kText,  // several lines
};

struct FieldRule {
  std::string_view field;  // "Member.name"
  Shape shape;
  bool required;  // set and not empty or zero; for a repeated field: at least one
};

// Nothing for a field that may hold anything its type can.
const FieldRule* RuleOf(const google::protobuf::FieldDescriptor& field);
std::span<const FieldRule> AllFieldRules();

}  // namespace chibo

#endif  // CHIBO_PROTO_FIELD_RULE_H_
