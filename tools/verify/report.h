#ifndef CHIBO_TOOLS_VERIFY_REPORT_H_
#define CHIBO_TOOLS_VERIFY_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chibo::verify {

// Where something was found: as much of it as there is to say.
struct Place {
  std::string stream;  // id in hex; empty: not about one stream
  std::uint32_t branch = 0;
  std::optional<std::uint64_t> index;
  std::optional<std::uint32_t> position;
  // Of a range of entries, the last; only with `index`.
  std::optional<std::uint64_t> to;
  // Size of the checkpoint, for what concerns one.
  std::optional<std::uint64_t> size;
};

struct Finding {
  Place place;
  std::string_view what;  // key of the catalogue (text.cc)
  std::string detail;     // a name, an id, a number: what the place does not say
};

// What was looked at and what is wrong with it. Problems mean that the data is not what its writers
// signed; notes say what could not be checked or is still to come.
struct Report {
  std::uint64_t streams = 0;
  std::uint64_t entries = 0;
  std::uint64_t records = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t certificates = 0;
  std::vector<Finding> problems;
  std::vector<Finding> notes;
  // Contents lie sealed and there was no pass-phrase: nothing says that they are as signed.
  bool sealed_unchecked = false;

  // Everything was looked at, and nothing is wrong with it.
  bool ok() const { return problems.empty() && !sealed_unchecked; }
  void Problem(std::string_view what, Place place, std::string detail = {}) {
    problems.push_back({std::move(place), what, std::move(detail)});
  }
  void Note(std::string_view what, Place place, std::string detail = {}) {
    notes.push_back({std::move(place), what, std::move(detail)});
  }
};

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_REPORT_H_
