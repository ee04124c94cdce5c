#ifndef CHIBO_DOMAIN_PARAMETER_TABLE_H_
#define CHIBO_DOMAIN_PARAMETER_TABLE_H_

#include <optional>
#include <span>
#include <string_view>

#include "domain/rule_pack.h"

// What each parameter of a rule pack may say: the inner part of rule_pack.
namespace chibo {

enum class ParameterType : std::uint8_t {
  kNumber,    // decimal, at most 1000
  kFlag,      // true, false
  kWord,      // one of `words`
  kFraction,  // ">=2/3", ">1/2"
  kDay,       // mm-dd, or none
  kMoment,    // yyyy-mm-ddThh:mm, or none
};

// In which direction a pack of a lower unit may go.
enum class Tightens : std::uint8_t { kAnyWay, kDown, kUp };

struct ParameterRule {
  std::string_view name;
  ParameterType type;
  std::string_view words;  // "a|b|c"; of kWord, the strictest first where kDown
  std::string_view value;  // default
  bool verified;
  std::string_view source;
  Tightens tightens;
};

std::span<const ParameterRule> AllParameters();
// Null for a name not known.
const ParameterRule* FindParameter(std::string_view name);
bool Reads(const ParameterRule& rule, std::string_view value);
// Whether `to` allows more than `from`. Both read.
bool Widens(const ParameterRule& rule, std::string_view from, std::string_view to);

std::optional<std::uint32_t> ReadNumber(std::string_view text);
std::optional<Fraction> ReadFraction(std::string_view text);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_PARAMETER_TABLE_H_
