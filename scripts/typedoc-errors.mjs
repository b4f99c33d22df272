// A plugin of typedoc: errors have a group of their own, and no constructors. Who uses the packages catches errors, and
// makes none.
import { Comment, CommentTag, Converter, ReflectionKind } from "typedoc";

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const error of project.getReflectionsByKind(ReflectionKind.Class).filter(isError)) {
      const made = error.children?.find((child) => child.kindOf(ReflectionKind.Constructor));
      if (made) project.removeReflection(made);
      error.comment ??= new Comment();
      error.comment.blockTags.push(new CommentTag("@group", [{ kind: "text", text: "Errors" }]));
    }
  });
}

function isError({ extendedTypes = [] }) {
  return extendedTypes.some((type) => type.name.endsWith("Error"));
}
