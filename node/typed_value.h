#ifndef CHIBO_NODE_TYPED_VALUE_H_
#define CHIBO_NODE_TYPED_VALUE_H_

#include <cstdint>
#include <optional>
#include <string_view>

// Dates and times as people type them.
namespace chibo {

// dd/mm/yyyy, yyyy-mm-dd or yyyymmdd, as yyyymmdd; nothing when it is no date.
std::optional<std::uint32_t> DateFrom(std::string_view text);

// A date, alone or with hh:mm or hh:mm:ss behind a space or "T", in UTC+7 or with "Z" or "+07:00"
// at its end; milliseconds since 1970. Nothing when it is no such time.
std::optional<std::int64_t> TimeFrom(std::string_view text);

}  // namespace chibo

#endif  // CHIBO_NODE_TYPED_VALUE_H_
