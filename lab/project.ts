/** The Pulumi project: what labels, marks and the names of objects begin with. */
export const PROJECT_NAME = "dockernet";
