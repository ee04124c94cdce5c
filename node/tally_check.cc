#include "node/tally_check.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "domain/subject.h"
#include "domain/vote.h"
#include "proto/record.h"

namespace chibo {
namespace {

Status DoesNotAddUp(std::string_view reason, std::string where) {
  return Fail(Code::kBadInput, reason, std::move(where));
}

Status RefuseFor(const Finding& finding, const std::string& row) {
  const auto& numbers = finding.values;
  const std::string& message = finding.message;
  if (message == "finding_more_ballots_than_present") {
    return DoesNotAddUp("tally_more_ballots_than_present", row + numbers[0] + " > " + numbers[1]);
  }
  if (message == "finding_more_returned_than_issued") {
    return DoesNotAddUp("tally_more_returned_than_issued", row + numbers[0] + " > " + numbers[1]);
  }
  if (message == "finding_returned_is_not_valid_and_invalid") {
    return DoesNotAddUp("tally_returned_is_not_valid_and_invalid",
                        row + numbers[0] + " ≠ " + numbers[1] + " + " + numbers[2]);
  }
  return DoesNotAddUp("tally_votes_are_not_the_valid_ballots",
                      row + numbers[0] + " ≠ " + numbers[1]);
}

struct Paper {
  pb::Record record;
  std::optional<RecordName> name;  // nothing: of the entry that is being written
};

class Papers {
 public:
  Papers(const FactSource& facts, const VotePapers& written, const std::vector<pb::Record>& entry)
      : facts_(facts), written_(written), entry_(entry) {}

  // What `holder` refers to; nothing when it is not here.
  Result<std::optional<Paper>> Find(const pb::Ref& ref, const Paper& holder) const {
    if (ref.stream().empty() && ref.index() == 0 && !holder.name) {
      return ref.position() < entry_.size()
                 ? std::optional(Paper{entry_[ref.position()], std::nullopt})
                 : std::nullopt;
    }
    std::optional<RecordName> name = NameOf(ref);
    if (!name && holder.name) {
      name = RecordName{holder.name->stream, ref.index() == 0 ? holder.name->index : ref.index(),
                        ref.position()};
    }
    if (!name) {
      return std::nullopt;
    }
    if (const auto at = written_.find(*name); at != written_.end()) {
      return Paper{at->second, name};
    }
    CHIBO_TRY_VALUE(const auto facts, facts_.FactsOf(KeyOf(*name)));
    const auto at = std::find_if(facts.begin(), facts.end(), [&](const Fact& fact) {
      return fact.name == *name && fact.record != nullptr;
    });
    return at == facts.end() ? std::nullopt : std::optional(Paper{*at->record, name});
  }

  Result<std::optional<Paper>> FindContent(const Hash& content) const {
    for (const auto& [name, record] : written_) {
      const auto kind = static_cast<std::uint32_t>(record.body_case());
      if (ContentDigest(kind, PayloadOf(record)) == content) {
        return Paper{record, name};
      }
    }
    CHIBO_TRY_VALUE(const auto facts, facts_.FactsOf(KeyOfContent(content)));
    const auto at = std::find_if(facts.begin(), facts.end(), [&](const Fact& fact) {
      return fact.content == content && fact.record != nullptr;
    });
    return at == facts.end() ? std::nullopt : std::optional(Paper{*at->record, at->name});
  }

 private:
  const FactSource& facts_;
  const VotePapers& written_;
  const std::vector<pb::Record>& entry_;
};

Result<pb::VoteBase> BaseOf(const Papers& papers, const Paper& tally) {
  pb::VoteBase unknown;
  unknown.set_present(std::numeric_limits<std::uint32_t>::max());
  if (!tally.record.has_tally()) {
    return unknown;
  }
  CHIBO_TRY_VALUE(const auto session, papers.Find(tally.record.tally().session(), tally));
  return session && session->record.has_vote_session() ? session->record.vote_session().base()
                                                       : unknown;
}

Status CheckPaper(const Papers& papers, const Paper& paper, const std::string& where) {
  const bool corrects = paper.record.has_tally_correction();
  if (!corrects && !paper.record.has_tally()) {
    return {};
  }
  const auto& rows =
      corrects ? paper.record.tally_correction().rows() : paper.record.tally().rows();
  pb::VoteBase base;
  if (corrects && paper.record.tally_correction().has_base()) {
    base = paper.record.tally_correction().base();
  } else if (corrects) {
    CHIBO_TRY_VALUE(const auto tally, papers.Find(paper.record.tally_correction().tally(), paper));
    CHIBO_TRY_VALUE(base, BaseOf(papers, tally.value_or(Paper{})));
  } else {
    CHIBO_TRY_VALUE(base, BaseOf(papers, paper));
  }
  const std::string prefix = where + (corrects ? "tally_correction" : "tally") + ".rows[";
  for (int i = 0; i < rows.size(); ++i) {
    for (const Finding& finding : CheckTallyRow(rows[i], base)) {
      if (finding.rule == "R68") {
        return RefuseFor(finding, prefix + std::to_string(i) + "]: ");
      }
    }
  }
  return {};
}

}  // namespace

Status CheckNumbersToSign(const FactSource& facts, const VotePapers& written,
                          const std::vector<pb::Record>& entry,
                          const pb::Attestation& attestation) {
  const Papers papers(facts, written, entry);
  for (const std::uint32_t position : attestation.positions()) {
    if (position < entry.size()) {
      CHIBO_TRY(CheckPaper(papers, Paper{entry[position], std::nullopt},
                           "records[" + std::to_string(position) + "]."));
    }
  }
  for (const Bytes& bytes : attestation.contents()) {
    CHIBO_TRY_VALUE(const auto paper, papers.FindContent(Hash::From(bytes).value_or(Hash())));
    if (paper) {
      CHIBO_TRY(CheckPaper(papers, *paper, ""));
    }
  }
  return {};
}

}  // namespace chibo
