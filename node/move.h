#ifndef CHIBO_NODE_MOVE_H_
#define CHIBO_NODE_MOVE_H_

#include <optional>
#include <string>

#include "node/enrolment.h"

// A unit gets another superior: the order from above both, then its node asks the new one in.
namespace chibo {

struct MovePlan {
  UnitId unit;
  UnitId to;               // the new superior
  bool hand_over = false;  // the new superior reads older records of parent reach
  std::uint32_t effective = 0;
  std::string number;  // of the decision
};
// Signs and records the move. The unit's streams, and those in which its superior so far speaks to
// it, end at what is held of them here. kNotAllowed "move_not_competent" when the move would not
// hold; kBadInput "unit_under_itself".
Status MoveUnit(Replica& replica, const Issuer& officer, const MovePlan& plan, Timestamp now);

// At the unit that was moved: remembers the new superior's invite, to be answered by a grant
// (TakeGrant); until then the superior so far stays. kNotAllowed "invite_for_another_unit".
Status PrepareMove(Replica& replica, const pb::Invite& invite, Timestamp now);
// The settings that a grant by this superior leads to: those now, or those of the move that is
// prepared. kNotAllowed "grant_not_for_this_unit".
Result<Settings> SettingsGrantedBy(const Replica& replica, ByteView parent);

}  // namespace chibo

#endif  // CHIBO_NODE_MOVE_H_
