using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration;

/// <summary>What a project file may hold, for editors and for people; made from the grammar the reader uses.</summary>
public static class ProjectReference
{
    private const string Introduction = """
        # The project file

        <!-- Made from the grammar in src/Trunkline.Server/Configuration/Grammar; change it there, then run the test with TRUNKLINE_WRITE_DOCS=1. -->

        A project is a file `trunkline.yaml` and what it includes. `trunkline check -f FILE` tells every fault at once, with file, line and remedy;
        `trunkline schema > trunkline.schema.json` and a first line `# yaml-language-server: $schema=trunkline.schema.json` make editors complete it.

        **Values.** Durations are a number and `ms`, `s`, `m`, `h` or `d`: `200ms`, `5s`, `7d`. Ranges have the shorter first: `200ms..30s`. Sizes are a number and
        `KB`, `MB`, `GB`, `TB` (powers of 1000) or `KiB`, `MiB`, `GiB`, `TiB` (powers of 1024). Expressions are JavaScript and see `message` (the parsed body)
        and `meta` (id, key, time, headers, attempt).

        **Variables.** `${VAR}` is the environment variable, a fault if unset; `${VAR:-default}` has a default for an unset or empty one; `${file:/run/secrets/x}` is the
        file's text without its last line end (relative paths start at the project's folder); `$$` is a dollar, so a template literal in an expression is written
        `$${…}`. Variables work in all values, not in names, and what they bring is not looked at again.

        **Includes.** `include` takes paths relative to the including file; all must lie in the folder of the project file. A name may be defined once over all files.

        **YAML.** 1.2, one document a file, at most 1 Mi characters, 32 levels and 100,000 values once anchors are written out, 256 files. Tags are not used;
        booleans are `true` and `false`.

        **Topics of a flow's own.** The runtime makes `<flow>.dead` for dead letters and `trunkline.outbox.<flow>.<sink>` for what a sink has still to deliver. A topic named
        `<flow>.dead` may be declared to set how it is kept, and other flows may read it. Names from `trunkline.` on are the node's own.

        **Circles.** Flows may form a circle over topics as long as messages can leave it: a flow can end a message if it has a `filter` or `use` step, if a
        message may match none of its branches, or if it has a branch whose sinks all can end it (a webhook does; a topic does if every flow reading it can). A circle
        of flows that cannot is a fault, and so is a flow that reads its own dead letters.

        **Names.** A step is named after its kind and place (`map-3`), a sink after its topic, or its kind and number (`webhook-1`), unless `name` says otherwise.

        """;

    /// <summary>JSON Schema 2020-12, as <c>trunkline schema</c> prints it.</summary>
    public static string Schema() => SchemaDocument.Render(ProjectGrammar.Type, "urn:trunkline:project-file:1", "Trunkline project file");

    /// <summary>The text of <c>docs/reference/project-file.md</c>.</summary>
    public static string Page() => Introduction.ReplaceLineEndings("\n").TrimEnd('\n') + "\n" + ReferencePage.Render(ProjectGrammar.Type);
}
