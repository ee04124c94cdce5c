#include "domain/competence.h"

#include <algorithm>
#include <map>

namespace chibo {
namespace {

// The lowest unit that is each of them or above it.
std::optional<UnitId> LowestAtOrAbove(const Organisation& organisation, UnitId start,
                                      const std::vector<UnitId>& units, CivilDate day) {
  std::optional<UnitId> candidate = start;
  const auto covers = [&](const UnitId& unit) {
    return organisation.IsAtOrAbove(*candidate, unit, day);
  };
  while (candidate && !std::all_of(units.begin(), units.end(), covers)) {
    candidate = organisation.ParentOf(*candidate, day);
  }
  return candidate;
}

std::optional<UnitId> ManagerOfHighestPost(const Organisation& organisation,
                                           const std::vector<Post>& posts, CivilDate day) {
  std::optional<UnitId> highest;
  std::size_t depth = 0;
  for (const Post& post : posts) {
    if (!post.managed_by) {
      continue;
    }
    const std::size_t post_depth = organisation.AboveOf(*post.managed_by, day).size();
    if (!highest || post_depth < depth || (post_depth == depth && *post.managed_by < *highest)) {
      highest = post.managed_by;
      depth = post_depth;
    }
  }
  return highest;
}

}  // namespace

std::vector<ReviewPlace> PlacesOf(const MemberHistory& member, const Home& home, CivilDate day,
                                  const EffectivePack& pack) {
  std::map<UnitId, ReviewPlace> places;
  const int months = static_cast<int>(pack.Number(parameter::kNewPostMonths));
  for (const Post& post : member.PostsOn(day)) {
    if (!post.reviews()) {
      continue;
    }
    const bool too_new = AddMonths(post.from, months) > day;
    ReviewPlace& place =
        places.try_emplace(*post.place, ReviewPlace{*post.place, false, true}).first->second;
    place.required = place.required || post.reviewed_there;
    place.too_new = place.too_new && too_new;
  }
  if (home.where == Home::Where::kUnit) {
    places.insert_or_assign(home.unit, ReviewPlace{home.unit});
  }
  std::vector<ReviewPlace> sorted;
  sorted.reserve(places.size());
  for (const auto& [unit, place] : places) {
    sorted.push_back(place);
  }
  return sorted;
}

std::optional<UnitId> DeciderOfUnit(const Organisation& organisation, const UnitId& unit,
                                    CivilDate day) {
  const auto state = organisation.At(unit, day);
  if (!state) {
    return std::nullopt;
  }
  if (state->kind == pb::COLLECTIVE) {
    // Its keeper only keeps its papers; it is decided about where the keeper is.
    return state->parent ? DeciderOfUnit(organisation, *state->parent, day) : std::nullopt;
  }
  if (state->kind == pb::CELL || state->kind == pb::SECTION_BODY) {
    const auto grassroots = organisation.GrassrootsOf(unit, day);
    return grassroots && *grassroots != unit ? grassroots : state->parent;
  }
  return state->parent;
}

std::optional<UnitId> DeciderOfMembers(const Organisation& organisation, const UnitId& home,
                                       CivilDate day, const EffectivePack& pack) {
  const auto state = organisation.At(home, day);
  if (!state) {
    return std::nullopt;
  }
  switch (state->kind) {
    case pb::GRASSROOTS_CELL:
      return pack.Word(parameter::kDecider) == "grassroots_cell" ? home : state->parent;
    case pb::CELL:
    case pb::SECTION_BODY:
    case pb::COLLECTIVE:
      return DeciderOfUnit(organisation, home, day);
    default:
      return home;  // a committee decides about the members it keeps itself
  }
}

std::optional<UnitId> AuthorityFor(const Organisation& organisation, const MemberHistory& member,
                                   const Home& home, CivilDate day, const EffectivePack& pack) {
  const auto base = DeciderOfMembers(organisation, home.unit, day, pack);
  if (!base) {
    return std::nullopt;
  }
  const std::vector<Post> posts = member.PostsOn(day);
  std::vector<UnitId> places;
  for (const Post& post : posts) {
    if (post.reviews()) {
      const auto state = organisation.At(*post.place, day);
      places.push_back(state && state->kind == pb::COLLECTIVE && state->parent ? *state->parent
                                                                               : *post.place);
    }
  }
  std::optional<UnitId> authority;
  const auto manager = pack.Word(parameter::kManyPostsDecider) == "highest_post"
                           ? ManagerOfHighestPost(organisation, posts, day)
                           : std::nullopt;
  if (manager) {
    authority = LowestAtOrAbove(organisation, *manager, {home.unit, *base}, day);
  }
  if (!authority) {
    authority = LowestAtOrAbove(organisation, *base, places, day);
  }
  const auto is_subject = [&](const UnitId& unit) {
    return std::any_of(posts.begin(), posts.end(),
                       [&](const Post& post) { return post.head && post.place == unit; });
  };
  while (authority && is_subject(*authority)) {
    authority = organisation.ParentOf(*authority, day);
  }
  return authority;
}

}  // namespace chibo
