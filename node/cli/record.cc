// chibo record: files of actions.
#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/recording.h"

namespace chibo {
namespace {

// Protobuf's JSON may spell a field either way: unitChange, unit_change.
std::string Snaked(const std::string& name) {
  std::string snaked;
  for (const char letter : name) {
    if (letter >= 'A' && letter <= 'Z') {
      snaked += {'_', static_cast<char>(letter - 'A' + 'a')};
    } else {
      snaked += letter;
    }
  }
  return snaked;
}

bool TakesOfficer(const Json& record) {
  if (!record.is_object()) {
    return false;
  }
  for (const auto& [name, body] : record.items()) {
    for (const KindTraits& traits : AllKinds()) {
      if (Snaked(name) == traits.name && !traits.object.empty()) {
        return true;
      }
    }
  }
  return false;
}

// A look ahead; what is wrong with a line is said when it is read in earnest.
bool NeedsOfficer(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    return false;
  }
  if (!json.contains("records")) {
    return TakesOfficer(json);
  }
  const Json& records = json["records"];
  return records.is_array() && std::any_of(records.begin(), records.end(), TakesOfficer);
}

// A line that is one record names no records.
std::string WithinOf(const SourceLine& line) {
  if (!line.within.empty()) {
    return line.within;
  }
  const Json json = Json::parse(line.text, nullptr, false);
  return json.is_object() && !json.contains("records") ? "records[0]." : "";
}

Result<Output> RecordFiles(Call& call) {
  std::vector<SourceLine> lines;
  for (const std::string& path : call.arguments.All("FILE")) {
    const auto more = LinesOf(call, path);
    lines.insert(lines.end(), more.begin(), more.end());
  }
  CHIBO_TRY_VALUE(const RecordSigners signers, UnlockSigners(call, lines));
  return RecordSources(call, lines, signers);
}

}  // namespace

Signers RecordSigners::signers() const {
  Signers signers;
  signers.persons = persons.signers;
  if (officer) {
    signers.officer = officer->issuer;
  }
  return signers;
}

std::vector<SourceLine> LinesOf(const Call& call, const std::string& path) {
  std::vector<SourceLine> lines;
  std::string_view rest = call.Input(path);
  if (rest.starts_with("\xef\xbb\xbf")) {
    rest.remove_prefix(3);
  }
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.push_back({std::string(rest.substr(0, end)),
                     path + ", " + call.Say("at_line", {std::to_string(number)}), ""});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

std::string AsTyped(std::string_view place, std::string_view within) {
  if (place.starts_with(within)) {
    place.remove_prefix(within.size());
  }
  return std::string(place);
}

Result<RecordSigners> UnlockSigners(Call& call, const std::vector<SourceLine>& lines) {
  RecordSigners signers;
  CHIBO_TRY_VALUE(signers.persons, UnlockPersons(call, call.arguments.One("sign-as")));
  if (std::any_of(lines.begin(), lines.end(),
                  [](const SourceLine& line) { return NeedsOfficer(line.text); })) {
    CHIBO_TRY_VALUE(signers.officer, UnlockOfficer(call));
  }
  return signers;
}

std::string RecordedJson(const Recorded& recorded) {
  Json names = Json::array();
  for (const RecordName& name : recorded.names) {
    names.push_back(ToString(name));
  }
  return Dump(Json{{"entries", recorded.entries}, {"records", recorded.records}, {"names", names}});
}

std::string SayRecorded(const Call& call, const Recorded& recorded) {
  if (recorded.entries == 0) {
    return call.Say("nothing_recorded");
  }
  return call.Say(call.replica().settings().parent ? "recorded" : "recorded_at_top",
                  {call.texts.Number(recorded.entries), call.texts.Number(recorded.records)});
}

Result<Output> RecordSources(Call& call, const std::vector<SourceLine>& lines,
                             const RecordSigners& signers) {
  std::vector<std::string> texts;
  for (const SourceLine& line : lines) {
    texts.push_back(line.text);
  }
  const auto recorded = RecordLines(call.replica(), texts, signers.signers(), call.now());
  if (!recorded) {
    // "line 3: …" counts all files together: say which one, in the reader's language.
    Error error = recorded.error();
    const auto number = error.where.starts_with("line ")
                            ? static_cast<std::size_t>(std::atol(error.where.c_str() + 5))
                            : 0;
    if (number >= 1 && number <= lines.size()) {
      const std::size_t colon = error.where.find(": ");
      const SourceLine& line = lines[number - 1];
      const std::string rest =
          colon == std::string::npos
              ? ""
              : AsTyped(std::string_view(error.where).substr(colon + 2), WithinOf(line));
      const std::string& place = line.place;
      error.where = place + (place.empty() || rest.empty() ? "" : ": ") + rest;
    }
    return tl::unexpected(std::move(error));
  }
  Output output;
  output.json = RecordedJson(*recorded);
  output.lines = {SayRecorded(call, *recorded)};
  return output;
}

void AddRecordCommands(std::vector<CommandSpec>& all) {
  all.push_back({"record",
                 Needs::kWrite,
                 {{"FILE", OptionSpec::Kind::kInputs, true, "record_file"},
                  {"sign-as", OptionSpec::Kind::kValue, false, ""}},
                 "record --dir CELL nov.jsonl --sign-as P1,P2 --passphrase-file F",
                 RecordFiles});
}

}  // namespace chibo
