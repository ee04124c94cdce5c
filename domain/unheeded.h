#ifndef CHIBO_DOMAIN_UNHEEDED_H_
#define CHIBO_DOMAIN_UNHEEDED_H_

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/context.h"
#include "domain/subject.h"

namespace chibo {

// Why a record that counts, or a part of one, bears on nothing. Text keys "unheeded_<name>"; a
// record whose standing is not kCounts has its SetAside instead.
enum class Unheeded : std::uint8_t {
  kNotCompetent,          // not the writer's to say
  kAnothersToDecide,      // {0}: the authority it is
  kNotForUnit,            // {0}: a unit whose papers the writer does not keep
  kNotPlace,              // {0}: not one of the subject's places in the period
  kUnitEnded,             // {0}: was no more
  kPostTooNew,            // R22: reviewed there, not graded there
  kSubjectUnknown,        // on no register here
  kOffRegister,           // not on the register on the grading date
  kNoLevel,               // a row without a level
  kRefersToNothing,       // waits: names a record that is not here, or is none of the kind meant
  kRefersToSetAside,      // names a record that does not count
  kNotAbout,              // names a decision that does not speak of the subject in the period
  kSupersedesNothing,     // what it would replace is not here, or not the writer's to replace
  kOfDuplicateMeeting,    // its meeting was named the duplicate of another
  kLaterVote,             // {0}: of which a later vote with other numbers stands
  kContradictedChoice,    // another choice gives up what this one keeps
  kContradicted,          // another record says it differently, and the program goes by that one
  kContestedChange,       // two changes follow the same one; both hold, in the order of their days
  kCodeTaken,             // {0}: the code is another unit's
  kRuleTakesNoWaiver,     // {0}: nobody asks for a waiver of it
  kSignatureNotAsked,     // {0}: the person's signature in this act is not asked for
  kManagerNotTheWriters,  // {0}: not the writer's to name as the one who manages the post
  kParameterUnknown,      // {0}, {1}: name and value
  kParameterUnreadable,
  kParameterWidens,
  kPackBaseMissing,       // waits: the pack it is laid over is not here
  kPackSpeaksForNothing,  // no period
  kNotCappedByPeers,      // in the period such subjects are capped by grass-roots organisation
};
std::string_view Name(Unheeded why);  // "not_competent"

// A part of a record that nothing takes up.
struct UnheededPart {
  Unheeded why = Unheeded::kNotCompetent;
  std::vector<std::string> values;   // as a finding's (finding_value.h)
  std::optional<SubjectId> subject;  // of whom it speaks, where the record speaks of several

  friend auto operator<=>(const UnheededPart&, const UnheededPart&) = default;
};

// What of counted records nothing takes up, so that no word that somebody signed goes unanswered. A
// pure function of the set of facts and the context's observer: a node does not judge what it
// cannot see, so the records of units above it are judged only as far as they speak of its own
// people.
class UnheededReader {
 public:
  explicit UnheededReader(const Context& context);
  UnheededReader(UnheededReader&&) noexcept;
  ~UnheededReader();

  // Sorted, without repeats; empty: all of it is taken up, or it does not count. Subjects read for
  // one fact are kept for the next ones: those of a stream, in order, are read fastest.
  Result<std::vector<UnheededPart>> PartsOf(const Fact& fact);

  struct State;

 private:
  std::unique_ptr<State> state_;
};

// Whether the standing of this kind's records says all there is to say: where it counts it is taken
// up.
bool StandingSaysAll(Kind kind);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_UNHEEDED_H_
