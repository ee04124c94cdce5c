// chibo member import, chibo member list.
#include <algorithm>
#include <map>
#include <set>

#include "domain/member_history.h"
#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "node/cli/roster.h"
#include "node/entry_packer.h"
#include "node/names.h"
#include "proto/record.h"

namespace chibo {
namespace {

// What this unit's own register says of one person.
struct Registered {
  PersonId person;
  std::map<RecordName, pb::Member> lines;  // not superseded
  bool has_home = false;
};

class Register {
 public:
  static Result<Register> Read(const Replica& replica) {
    Register book;
    std::set<RecordName> superseded;
    std::map<PersonId, Registered> by_id;
    const UnitId& own = replica.settings().unit;
    CHIBO_TRY(replica.view().VisitFacts([&](const Fact& fact) {
      if (!fact.counts() || fact.unit != own) {
        return true;
      }
      if (fact.record->has_member()) {
        const pb::Member& member = fact.record->member();
        if (const auto person = PersonId::From(member.person())) {
          by_id[*person].person = *person;
          by_id[*person].lines[fact.name] = member;
        }
        for (const pb::Ref& ref : member.supersedes()) {
          superseded.insert(Resolve(ref, fact));
        }
      } else if (fact.record->has_membership() && fact.record->membership().kind() == pb::HOME &&
                 fact.record->membership().unit() == own.view()) {
        if (const auto person = PersonId::From(fact.record->membership().person())) {
          by_id[*person].person = *person;
          by_id[*person].has_home = true;
        }
      }
      return true;
    }));
    for (auto& [id, registered] : by_id) {
      std::erase_if(registered.lines,
                    [&](const auto& line) { return superseded.contains(line.first); });
      book.by_id_.emplace(id, std::move(registered));
    }
    return book;
  }

  const Registered* Find(const PersonId& person) const {
    const auto found = by_id_.find(person);
    return found == by_id_.end() ? nullptr : &found->second;
  }

  // Who has that party card here; nobody when several have, or none is given.
  const Registered* WithCard(const std::string& card) const {
    const Registered* holder = nullptr;
    for (const auto& [id, registered] : by_id_) {
      for (const auto& [name, line] : registered.lines) {
        if (!card.empty() && line.card_no() == card) {
          if (holder != nullptr && holder != &registered) {
            return nullptr;
          }
          holder = &registered;
        }
      }
    }
    return holder;
  }

  // Whether a new row may well be somebody who is here already, spelt or born otherwise: the same
  // name without case and marks, admitted on the same day, and no two cards to tell them apart.
  bool HasAlike(const RosterPerson& row) const {
    const std::string folded = FoldedName(row[RosterColumn::kName]);
    const std::string& card = row[RosterColumn::kCard];
    for (const auto& [id, registered] : by_id_) {
      for (const auto& [name, line] : registered.lines) {
        if (line.admitted() == row.admitted && FoldedName(line.name()) == folded &&
            (card.empty() || line.card_no().empty())) {
          return true;
        }
      }
    }
    return false;
  }

 private:
  std::map<PersonId, Registered> by_id_;
};

// The register line as the roster has it; what the roster has no column for stays as it was.
pb::Member LineFrom(const Roster& roster, const RosterPerson& person, const pb::Member* before) {
  pb::Member line = before != nullptr ? *before : pb::Member();
  line.clear_supersedes();
  const auto take = [&](RosterColumn column, auto set) {
    if (roster.columns.contains(column)) {
      set(person[column]);
    }
  };
  line.set_name(person[RosterColumn::kName]);
  line.set_birth(person.birth);
  line.set_admitted(person.admitted);
  if (roster.columns.contains(RosterColumn::kOfficial)) {
    line.set_official(person.official);
  }
  take(RosterColumn::kGender, [&](const std::string& text) { line.set_gender(text); });
  take(RosterColumn::kEthnicity, [&](const std::string& text) { line.set_ethnicity(text); });
  take(RosterColumn::kCard, [&](const std::string& text) { line.set_card_no(text); });
  take(RosterColumn::kCitizen, [&](const std::string& text) { line.set_citizen_id(text); });
  take(RosterColumn::kPhone, [&](const std::string& text) { line.set_phone(text); });
  take(RosterColumn::kPosition, [&](const std::string& text) { line.set_position(text); });
  take(RosterColumn::kNote, [&](const std::string& text) { line.set_note(text); });
  return line;
}

struct Import {
  std::size_t added = 0;
  std::size_t updated = 0;
  std::size_t unchanged = 0;
  std::vector<std::vector<pb::Record>> persons;  // records of one person stay in one entry
};

pb::Record HomeOf(const PersonId& person, const UnitId& unit, std::uint32_t from) {
  pb::Record record;
  pb::Membership& home = *record.mutable_membership();
  home.set_person(Bytes(person.view()));
  home.set_unit(Bytes(unit.view()));
  home.set_kind(pb::HOME);
  home.set_from(from);
  return record;
}

void AddPerson(const Roster& roster, const RosterPerson& row, const PersonId& person,
               const Registered* known, const UnitId& unit, Import& import) {
  std::vector<pb::Record> records;
  const bool there = known != nullptr && !known->lines.empty();
  const pb::Member* before = there ? &known->lines.rbegin()->second : nullptr;
  pb::Member line = LineFrom(roster, row, before);
  line.set_person(Bytes(person.view()));
  pb::Member old_line = before != nullptr ? *before : pb::Member();
  old_line.clear_supersedes();
  const bool same =
      there && known->lines.size() == 1 && old_line.SerializeAsString() == line.SerializeAsString();
  if (!same) {
    if (there) {
      for (const auto& [name, old] : known->lines) {
        *line.add_supersedes() = RefTo(name);
      }
    }
    pb::Record record;
    *record.mutable_member() = std::move(line);
    records.push_back(std::move(record));
  }
  if (known == nullptr || !known->has_home) {
    records.push_back(HomeOf(person, unit, row.admitted));
  }
  ++(records.empty() ? import.unchanged : there ? import.updated : import.added);
  if (!records.empty()) {
    import.persons.push_back(std::move(records));
  }
}

// Of the rows in which nothing is wrong so far; what only the register shows joins `problems`.
Result<Import> PlanImport(Replica& replica, const Roster& roster,
                          std::vector<RosterProblem>& problems) {
  CHIBO_TRY_VALUE(const Register book, Register::Read(replica));
  ActionReader people(replica);
  CHIBO_TRY(people.Refresh());
  std::set<std::size_t> bad;
  for (const RosterProblem& problem : problems) {
    bad.insert(problem.line);
  }
  Import import;
  for (const RosterPerson& row : roster.persons) {
    if (bad.contains(row.line)) {
      continue;
    }
    // Somebody whom a transfer or a post has announced keeps the id given there.
    const auto found =
        people.FindPerson(row[RosterColumn::kName] + "|" + std::to_string(row.birth));
    if (!found && found.error().code == Code::kAmbiguous) {
      problems.push_back({row.line, roster.NameColumn(), "roster_person_ambiguous"});
      continue;
    }
    const Registered* known = found ? book.Find(*found) : book.WithCard(row[RosterColumn::kCard]);
    if (!found && known == nullptr && book.HasAlike(row)) {
      problems.push_back({row.line, roster.NameColumn(), "roster_person_alike"});
      continue;
    }
    const PersonId person = found              ? *found
                            : known != nullptr ? known->person
                                               : replica.random().DrawFixed<PersonId>();
    AddPerson(roster, row, person, known, replica.settings().unit, import);
  }
  std::stable_sort(problems.begin(), problems.end(),
                   [](const RosterProblem& a, const RosterProblem& b) { return a.line < b.line; });
  return import;
}

Result<std::size_t> WriteImport(Replica& replica, const Import& import, Timestamp now) {
  std::size_t entries = 0;
  CHIBO_TRY(replica.Transact(now, [&](StreamWriter& writer) -> Status {
    EntryPacker packer(writer, pb::LINE, UnitId(), now);
    for (const auto& records : import.persons) {
      CHIBO_TRY(packer.Add(records));
    }
    CHIBO_TRY(packer.Close());
    entries = packer.entries();
    return {};
  }));
  return entries;
}

Output ProblemsOf(const Call& call, const std::string& path,
                  const std::vector<RosterProblem>& problems) {
  Output output;
  Json list = Json::array();
  for (const RosterProblem& problem : problems) {
    const std::string line = std::to_string(problem.line);
    const std::string where = call.Say("at_line_column", {line, problem.column});
    const std::string message = call.texts.Say(Error{Code::kBadInput, problem.reason, where});
    list.push_back(Json{{"line", problem.line},
                        {"column", problem.column},
                        {"reason", std::string(problem.reason)},
                        {"message", message}});
    output.notes.push_back(message);
  }
  output.json = Dump(Json{{"problems", list}});
  output.failure = Error{Code::kBadInput, "roster_has_problems", path};
  return output;
}

// Members belong to a cell: at a committee its roster would take them over from theirs, signed.
Status ExpectCell(const Call& call) {
  const Settings& settings = call.replica().settings();
  const auto own = call.replica().projector().organisation().At(settings.unit);
  if (own && own->kind != pb::CELL && own->kind != pb::GRASSROOTS_CELL) {
    return Fail(Code::kNotAllowed, "roster_not_of_a_cell", settings.unit_code);
  }
  return {};
}

Result<Output> ImportMembers(Call& call) {
  CHIBO_TRY(ExpectCell(call));
  const std::string& path = call.arguments.One("ROSTER");
  auto read = ReadRoster(call.Input(path));
  if (!read) {
    return InFile(call, path, read.error());
  }
  std::vector<RosterProblem> problems = read->problems;
  CHIBO_TRY_VALUE(const Import import, PlanImport(call.replica(), *read, problems));
  if (!problems.empty()) {
    return ProblemsOf(call, path, problems);
  }
  std::size_t entries = 0;
  if (!import.persons.empty()) {
    CHIBO_TRY_VALUE(entries, WriteImport(call.replica(), import, call.now()));
  }
  const auto no_date = static_cast<std::uint64_t>(
      std::count_if(read->persons.begin(), read->persons.end(),
                    [](const RosterPerson& person) { return person.official == 0; }));
  Output output;
  output.json = Dump(Json{{"added", import.added},
                          {"updated", import.updated},
                          {"unchanged", import.unchanged},
                          {"entries", entries},
                          {"without_official_date", no_date},
                          {"columns_passed_over", read->passed_over}});
  const Catalogue& texts = call.texts;
  output.lines = {call.Say(
      "members_imported",
      {texts.Number(import.added), texts.Number(import.updated), texts.Number(import.unchanged)})};
  for (const std::string& column : read->passed_over) {
    output.notes.push_back(call.Say("roster_column_passed_over", {column}));
  }
  if (no_date > 0) {
    output.notes.push_back(call.Say("roster_without_official_date", {texts.Number(no_date)}));
  }
  return output;
}

// Who stands on this unit's register today, each once, as the newest line says.
Result<Output> ListMembers(Call& call) {
  Replica& replica = call.replica();
  const UnitId& own = replica.settings().unit;
  std::set<PersonId> persons;
  CHIBO_TRY(replica.view().VisitFacts([&](const Fact& fact) {
    if (fact.counts() && fact.unit == own && fact.record->has_member()) {
      persons.insert(PersonId::FromChecked(fact.record->member().person()));
    }
    return true;
  }));
  const CivilDate today = DateOf(call.now());
  std::map<std::string, std::pair<std::string, Json>> sorted;
  for (const PersonId& person : persons) {
    CHIBO_TRY_VALUE(const auto facts, replica.view().FactsOf(KeyOf(person)));
    const MemberHistory history(replica.projector().organisation(), person, facts);
    const Home home = history.HomeOn(today);
    const pb::Member* member = history.RegisterOn(today);
    if (member == nullptr || (home.where != Home::Where::kNotYet && home.unit != own) ||
        home.where == Home::Where::kOutside) {
      continue;
    }
    Json json{{"person", ToHex(member->person())},
              {"name", member->name()},
              {"birth", member->birth()},
              {"admitted", member->admitted()},
              {"official", member->official()},
              {"status", Lower(pb::MemberStatus_Name(member->status()))}};
    sorted[NameSortKey(member->name()) + Bytes(person.view())] = {
        member->name() + "\t" + call.texts.Date(member->birth()) + "\t" +
            call.texts.Date(member->admitted()),
        std::move(json)};
  }
  Output output;
  Json list = Json::array();
  for (auto& [key, item] : sorted) {
    output.lines.push_back(item.first);
    list.push_back(std::move(item.second));
  }
  output.json = Dump(list);
  return output;
}

}  // namespace

void AddMemberCommands(std::vector<CommandSpec>& all) {
  all.push_back({"member import",
                 Needs::kWrite,
                 {{"ROSTER", OptionSpec::Kind::kInput, true, ""}},
                 "member import --dir CELL roster.csv --passphrase-file F",
                 ImportMembers});
  all.push_back({"member list", Needs::kRead, {}, "member list --dir CELL", ListMembers});
}

}  // namespace chibo
