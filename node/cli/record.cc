// chibo record: files of actions.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "domain/case.h"
#include "domain/vote.h"
#include "node/cli/commands.h"
#include "node/cli/finding_words.h"
#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "node/cli/recording.h"
#include "node/cli/unheeded_words.h"

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

constexpr std::size_t kToldMax = 20;

Json RecordedJson(const Recorded& recorded) {
  Json names = Json::array();
  for (const RecordName& name : recorded.names) {
    names.push_back(ToString(name));
  }
  return Json{{"entries", recorded.entries}, {"records", recorded.records}, {"names", names}};
}

// Recording is never kept from anybody; whoever wrote what does not count, for want of a signature
// say, hears it now.
Status TellSetAside(const Call& call, const Recorded& recorded, Json& json, Output& output) {
  CHIBO_TRY_VALUE(const auto facts, SetAsideIn(call.replica(), recorded.names));
  json["set_aside"] = Json::array();
  for (const Fact& fact : facts) {
    if (json["set_aside"].empty()) {
      output.notes.push_back(call.Say("recorded_set_aside", {call.texts.Number(facts.size())}));
    }
    json["set_aside"].push_back(SetAsideJson(call, fact));
    if (json["set_aside"].size() <= kToldMax) {
      output.notes.push_back("  " + SetAsideLine(call, fact, json["set_aside"].back()));
    }
  }
  if (facts.size() > kToldMax) {
    output.notes.push_back("  " +
                           call.Say("unheeded_more", {call.texts.Number(facts.size() - kToldMax)}));
  }
  return {};
}

// Nor from whom nothing will take up.
Status TellUnheeded(const Call& call, const Recorded& recorded, Json& json, Output& output) {
  CHIBO_TRY_VALUE(const auto unheeded, UnheededIn(call.replica(), recorded.names));
  json["unheeded"] = Json::array();
  for (const UnheededRecord& record : unheeded) {
    CHIBO_TRY_VALUE(Json one, UnheededJson(call, record));
    if (json["unheeded"].empty()) {
      output.notes.push_back(call.Say("recorded_unheeded", {call.texts.Number(unheeded.size())}));
    }
    if (json["unheeded"].size() < kToldMax) {
      for (const std::string& line : UnheededLines(call, record, one)) {
        output.notes.push_back("  " + line);
      }
    }
    json["unheeded"].push_back(std::move(one));
  }
  if (unheeded.size() > kToldMax) {
    output.notes.push_back(
        "  " + call.Say("unheeded_more", {call.texts.Number(unheeded.size() - kToldMax)}));
  }
  return {};
}

// What the numbers of a tally say about themselves (R65, R68), where nobody's key signed it here
// and so nobody added them up; and what register and attendance say of the vote (R64, R65, R67).
Status TellNumbers(const Call& call, const Recorded& recorded, Json& json, Output& output) {
  const Replica& replica = call.replica();
  const Context context = replica.projector().context();
  std::set<RecordName> sessions;
  for (const auto& [name, record] : recorded.vote_papers) {
    CHIBO_TRY_VALUE(const auto fact, replica.view().FactAt(name, 0));
    if (!fact || !fact->counts() || !record.has_tally()) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto vote, Count(context, *fact));
    std::vector<Finding> findings = vote ? CheckVoteBase(vote->base) : std::vector<Finding>();
    for (int i = 0; vote && i < record.tally().rows_size(); ++i) {
      for (Finding& finding : CheckTallyRow(record.tally().rows(i), vote->base)) {
        findings.push_back(std::move(finding));
      }
    }
    if (vote && sessions.insert(vote->session).second) {
      CHIBO_TRY_VALUE(const auto session, replica.view().FactAt(vote->session, fact->branch));
      CHIBO_TRY_VALUE(auto more, session ? CheckVoteSession(context, *session)
                                         : Result<std::vector<Finding>>(std::vector<Finding>()));
      std::move(more.begin(), more.end(), std::back_inserter(findings));
    }
    for (const Finding& finding : findings) {
      json["findings"].push_back(FindingJson(call, finding));
      output.notes.push_back("  " + FindingLine(call, json["findings"].back()));
    }
  }
  return {};
}

// What the rules say of decisions that were signed, or were not for that.
Json TellDecisions(const Call& call, const std::vector<DecisionFinding>& findings, Output& output) {
  Json list = Json::array();
  for (const DecisionFinding& finding : findings) {
    list.push_back(DecisionFindingJson(call, finding));
    output.notes.push_back("  " + FindingLine(call, list.back()));
  }
  return list;
}

// Open cases that rest on what was just written: two proposals of one's own that differ, say.
Status TellCases(const Call& call, const Recorded& recorded, Json& json, Output& output) {
  json["cases"] = Json::array();
  std::set<std::pair<StreamId, std::uint64_t>> written;
  for (const RecordName& name : recorded.names) {
    written.emplace(name.stream, name.index);
  }
  const Replica& replica = call.replica();
  CHIBO_TRY(replica.view().VisitDerived(DerivedTable::kCase, [&](const DerivedRow& derived) {
    pb::CaseRow row;
    const bool open = row.ParseFromString(derived.value) && row.state() == pb::CASE_OPEN;
    const bool ours = std::any_of(row.evidence().begin(), row.evidence().end(), [&](auto& ref) {
      const auto name = NameOf(ref);
      return name && written.contains({name->stream, name->index});
    });
    const auto subject = SubjectId::From(row.subject());
    if (!open || !ours || !subject) {
      return true;
    }
    json["cases"].push_back(row.id());
    if (json["cases"].size() <= kToldMax) {
      output.notes.push_back(call.Say(
          "record_opened_case", {row.id(), NameOf(replica, *subject).value_or(""), row.period(),
                                 call.texts.Text("case", Name(row.type()))}));
    }
    return true;
  }));
  return {};
}

// "line 3: …" counts all files together: says which one, in the reader's language.
Error PlacedIn(const std::vector<SourceLine>& lines, Error error) {
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
  return error;
}

// "nov.jsonl: …"; how many of its lines, and where what came of them stands.
void TellAlready(const Call& call, const std::vector<std::string>& paths, const Recorded& recorded,
                 Json& json, Output& output) {
  json["already"] = Json::array();
  for (const auto& [number, file] : recorded.already) {
    const std::string& path = paths[number];
    const auto at_ms = static_cast<std::int64_t>(file.at.time_since_epoch().count());
    const std::string first = PlaceOf(file.first.stream, file.first.index);
    const std::string last = PlaceOf(file.last.stream, file.last.index);
    json["already"].push_back(Json{{"file", path},
                                   {"lines", file.lines},
                                   {"entries", file.entries},
                                   {"records", file.records},
                                   {"first", first},
                                   {"last", last},
                                   {"at", IsoTime(at_ms)}});
    output.lines.push_back(
        call.Say("record_already",
                 {path, call.texts.Time(at_ms), call.texts.Number(file.lines),
                  call.texts.Number(file.records), first + (last == first ? "" : " … " + last)}));
  }
}

// What was recorded, or why nothing was.
Result<Output> TellRecorded(const Call& call, const std::vector<SourceLine>& lines,
                            const std::vector<std::string>& paths, const Result<Recorded>& recorded,
                            const std::vector<DecisionFinding>& blocked_by) {
  if (!recorded && blocked_by.empty()) {
    return tl::unexpected(PlacedIn(lines, recorded.error()));
  }
  Output output;
  if (!recorded) {
    Json json = RecordedJson({});
    json["findings"] = TellDecisions(call, blocked_by, output);
    output.json = Dump(json);
    output.failure = PlacedIn(lines, recorded.error());
    return output;
  }
  Json json = RecordedJson(*recorded);
  TellAlready(call, paths, *recorded, json, output);
  json["findings"] = TellDecisions(call, recorded->findings, output);
  output.lines.push_back(SayRecorded(call, *recorded));
  CHIBO_TRY(TellSetAside(call, *recorded, json, output));
  CHIBO_TRY(TellUnheeded(call, *recorded, json, output));
  CHIBO_TRY(TellNumbers(call, *recorded, json, output));
  CHIBO_TRY(TellCases(call, *recorded, json, output));
  output.json = Dump(json);
  return output;
}

std::vector<std::string> TextsOf(const std::vector<SourceLine>& lines) {
  std::vector<std::string> texts;
  texts.reserve(lines.size());
  for (const SourceLine& line : lines) {
    texts.push_back(line.text);
  }
  return texts;
}

Result<Output> Record(Call& call) {
  const std::vector<std::string>& paths = call.arguments.All("FILE");
  std::vector<SourceLine> lines;
  std::vector<std::vector<std::string>> files;
  for (const std::string& path : paths) {
    const auto more = LinesOf(call, path);
    lines.insert(lines.end(), more.begin(), more.end());
    files.push_back(TextsOf(more));
  }
  CHIBO_TRY_VALUE(const RecordSigners signers, UnlockSigners(call, lines));
  std::vector<DecisionFinding> blocked_by;
  const auto recorded = RecordFiles(call.replica(), files, call.arguments.Has("again"),
                                    signers.signers(), call.now(), &blocked_by);
  return TellRecorded(call, lines, paths, recorded, blocked_by);
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

std::string SayRecorded(const Call& call, const Recorded& recorded) {
  if (recorded.entries == 0) {
    return call.Say(recorded.already.empty() ? "nothing_recorded" : "nothing_new_recorded");
  }
  return call.Say(call.replica().settings().parent ? "recorded" : "recorded_at_top",
                  {call.texts.Number(recorded.entries), call.texts.Number(recorded.records)});
}

Result<Output> RecordSources(Call& call, const std::vector<SourceLine>& lines,
                             const RecordSigners& signers) {
  std::vector<DecisionFinding> blocked_by;
  const auto recorded =
      RecordLines(call.replica(), TextsOf(lines), signers.signers(), call.now(), &blocked_by);
  return TellRecorded(call, lines, {}, recorded, blocked_by);
}

void AddRecordCommands(std::vector<CommandSpec>& all) {
  all.push_back({"record",
                 Needs::kWrite,
                 {{"FILE", OptionSpec::Kind::kInputs, true, "record_file"},
                  {"sign-as", OptionSpec::Kind::kValue, false, ""},
                  {"again", OptionSpec::Kind::kFlag, false, "record_again"}},
                 "record --dir CELL nov.jsonl --sign-as P1,P2 --passphrase-file F",
                 Record});
}

}  // namespace chibo
