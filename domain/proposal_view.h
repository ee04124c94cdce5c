#ifndef CHIBO_DOMAIN_PROPOSAL_VIEW_H_
#define CHIBO_DOMAIN_PROPOSAL_VIEW_H_

#include "domain/evaluation.h"

namespace chibo {

// The steps of Gather that read what places proposed and authorities decided. They need the
// subject's facts, places, authority and orders.
Status ReadProposals(Evaluation& evaluation);
Status ReadDecisions(Evaluation& evaluation);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_PROPOSAL_VIEW_H_
