//! Keeps the tree of tabs as people see it: panes of tabs beside and above each other, and no pane among the tabs of
//! another, which is what the tree makes of a tab that is dropped on an edge of a pane.

use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tree};

/// Takes each pane that is among the tabs of another out of it: `moved`, the tab that was dropped, gets a pane of its own
/// on the side where it was dropped, and the tabs that it was put together with stay where they were.
pub(super) fn unnest<T>(tree: &mut Tree<T>, moved: Option<TileId>) {
    while let Some((pane, nested)) = nested(tree) {
        let inner = panes_in(tree, nested);
        let Some(moved) = moved.filter(|moved| inner.contains(moved)).or(inner.last().copied()) else {
            tree.remove_recursively(nested);
            continue;
        };
        let (dir, before) = match tree.tiles.get_container(nested) {
            Some(Container::Linear(linear)) => {
                let first = linear.children.first().copied().map(|first| panes_in(tree, first));
                (linear.dir, first.is_some_and(|first| first.contains(&moved)))
            }
            _ => (LinearDir::Horizontal, false),
        };
        for other in inner.into_iter().filter(|other| *other != moved) {
            let at = tab_position(tree, pane, nested);
            tree.move_tile_to_container(other, pane, at, false);
        }
        let beside = tree.tiles.insert_tab_tile(vec![]);
        let order = if before { vec![beside, pane] } else { vec![pane, beside] };
        let parent = tree.tiles.parent_of(pane);
        let both = tree.tiles.insert_container(Linear::new(dir, order));
        match parent.and_then(|parent| tree.tiles.get_mut(parent)) {
            Some(Tile::Container(container)) => {
                let _ = container.replace_child(pane, both);
            }
            _ => tree.root = Some(both),
        }
        tree.move_tile_to_container(moved, beside, 0, false);
        tree.remove_recursively(nested);
    }
}

/// A pane, and what is among its tabs though it is none.
fn nested<T>(tree: &Tree<T>) -> Option<(TileId, TileId)> {
    tree.tiles.iter().find_map(|(id, tile)| match tile {
        Tile::Container(Container::Tabs(tabs)) => {
            let nested = tabs.children.iter().find(|child| tree.tiles.get_container(**child).is_some());
            nested.map(|nested| (*id, *nested))
        }
        _ => None,
    })
}

fn tab_position<T>(tree: &Tree<T>, pane: TileId, tab: TileId) -> usize {
    match tree.tiles.get(pane) {
        Some(Tile::Container(Container::Tabs(tabs))) => {
            tabs.children.iter().position(|child| *child == tab).unwrap_or(tabs.children.len())
        }
        _ => 0,
    }
}

/// The tabs below `tile`, from left to right.
fn panes_in<T>(tree: &Tree<T>, tile: TileId) -> Vec<TileId> {
    match tree.tiles.get(tile) {
        Some(Tile::Pane(_)) => vec![tile],
        Some(Tile::Container(container)) => container
            .children()
            .copied()
            .collect::<Vec<_>>()
            .into_iter()
            .flat_map(|child| panes_in(tree, child))
            .collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use egui_tiles::Tiles;

    use super::*;

    #[test]
    fn a_tab_that_is_dropped_below_a_pane_gets_a_pane_below_it_and_the_others_stay_together() {
        for (order, expected) in [([1, 3], "V[T[1 2] T[3]]"), ([3, 1], "V[T[3] T[1 2]]")] {
            let mut tiles = Tiles::default();
            let [one, two, other] = [1, 2, 3].map(|number| tiles.insert_pane(number));
            let id = |number| if number == 1 { one } else { other };
            let parts: Vec<_> = order.iter().map(|number| tiles.insert_tab_tile(vec![id(*number)])).collect();
            let dropped = tiles.insert_container(Linear::new(LinearDir::Vertical, parts));
            let root = tiles.insert_tab_tile(vec![dropped, two]);
            let mut tree = Tree::new(egui::Id::unique("tree"), root, tiles);
            unnest(&mut tree, Some(other));
            assert_eq!(drawn(&tree, tree.root().unwrap()), expected);
        }
    }

    fn drawn(tree: &Tree<i32>, tile: TileId) -> String {
        match tree.tiles.get(tile) {
            Some(Tile::Pane(number)) => number.to_string(),
            Some(Tile::Container(container)) => {
                let children: Vec<_> = container.children().map(|child| drawn(tree, *child)).collect();
                let sign = if matches!(container, Container::Tabs(_)) { "T" } else { "V" };
                format!("{sign}[{}]", children.join(" "))
            }
            None => "?".into(),
        }
    }
}
