using System.Globalization;
using System.Net;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>The registry as its clients see it: Confluent's addresses, answers and numbers.</summary>
public sealed class RegistryApiTests : RegistryTest
{
    [Fact]
    public async Task A_schema_is_registered_once_and_found_by_id_guid_version_and_content()
    {
        var (status, first) = await SendAsync(HttpMethod.Post, "subjects/mail-value/versions", Body(One));
        Assert.Equal(HttpStatusCode.OK, status);
        var id = first.GetProperty("id").GetInt32();
        Assert.Equal(1, id);
        var again = await OkAsync(HttpMethod.Post, "subjects/mail-value/versions", Body(One.Replace(",", " ,\n", StringComparison.Ordinal)));
        Assert.Equal(id, again.GetProperty("id").GetInt32());
        Assert.Equal(id, (await OkAsync(HttpMethod.Post, "subjects/other/versions", Body(One))).GetProperty("id").GetInt32());
        Assert.Equal(One, (await OkAsync(HttpMethod.Get, "schemas/ids/1")).GetProperty("schema").GetString());
        Assert.Equal(One, (await OkAsync(HttpMethod.Get, "schemas/guids/" + first.GetProperty("guid").GetString())).GetProperty("schema").GetString());
        var version = await OkAsync(HttpMethod.Get, "subjects/mail-value/versions/latest");
        Assert.Equal(("mail-value", 1, 1, One), (version.GetProperty("subject").GetString(), version.GetProperty("version").GetInt32(), version.GetProperty("id").GetInt32(), version.GetProperty("schema").GetString()));
        Assert.Equal(1, (await OkAsync(HttpMethod.Post, "subjects/mail-value", Body(One))).GetProperty("version").GetInt32());
        Assert.Equal("""["mail-value","other"]""", (await OkAsync(HttpMethod.Get, "subjects")).GetRawText());
        Assert.Equal("""["mail-value","other"]""", (await OkAsync(HttpMethod.Get, "schemas/ids/1/subjects")).GetRawText());
        Assert.Equal("record", (await OkAsync(HttpMethod.Get, "subjects/mail-value/versions/1/schema")).GetProperty("type").GetString());
        Assert.Equal("""["JSON","PROTOBUF","AVRO"]""", (await OkAsync(HttpMethod.Get, "schemas/types")).GetRawText());
    }

    [Fact]
    public async Task A_break_is_refused_with_its_place_and_the_number_of_the_documentation()
    {
        await OkAsync(HttpMethod.Post, "subjects/mail/versions", Body(One));
        await RefusedAsync(HttpMethod.Post, "subjects/mail/versions", Body(Required), 40901);
        var check = await OkAsync(HttpMethod.Post, "compatibility/subjects/mail/versions/latest?verbose=true", Body(Required));
        Assert.False(check.GetProperty("is_compatible").GetBoolean());
        Assert.Contains("READER_FIELD_MISSING_DEFAULT_VALUE", check.GetProperty("messages")[0].GetString(), StringComparison.Ordinal);
        Assert.Contains("/fields/1", check.GetProperty("messages")[0].GetString(), StringComparison.Ordinal);
        Assert.True((await OkAsync(HttpMethod.Post, "compatibility/subjects/mail/versions", Body(Optional))).GetProperty("is_compatible").GetBoolean());
        Assert.Equal(2, (await OkAsync(HttpMethod.Post, "subjects/mail/versions", Body(Optional))).GetProperty("id").GetInt32());
        Assert.Equal("FORWARD", (await OkAsync(HttpMethod.Put, "config/mail", """{"compatibility":"forward"}""")).GetProperty("compatibility").GetString());
        await OkAsync(HttpMethod.Post, "subjects/mail/versions", Body(Required));
        Assert.Equal("[1,2,3]", (await OkAsync(HttpMethod.Get, "subjects/mail/versions")).GetRawText());
    }

    [Fact]
    public async Task Each_level_judges_in_its_own_direction_and_depth()
    {
        // v1 has no text, v2 an optional one, v3 requires it: each step is fine backward, v1 to v3 is not.
        await OkAsync(HttpMethod.Put, "config/deep", """{"compatibility":"BACKWARD_TRANSITIVE"}""");
        await OkAsync(HttpMethod.Post, "subjects/deep/versions", Body(One));
        await OkAsync(HttpMethod.Post, "subjects/deep/versions", Body(Optional));
        await RefusedAsync(HttpMethod.Post, "subjects/deep/versions", Body(Required), 40901);
        foreach (var (level, fits) in new[] { ("BACKWARD", true), ("FORWARD", true), ("FULL", true), ("FORWARD_TRANSITIVE", true), ("FULL_TRANSITIVE", false), ("BACKWARD_TRANSITIVE", false), ("NONE", true) })
        {
            await OkAsync(HttpMethod.Put, "config/deep", $$"""{"compatibility":"{{level}}"}""");
            Assert.Equal((level, fits), (level, (await OkAsync(HttpMethod.Post, "compatibility/subjects/deep/versions", Body(Required))).GetProperty("is_compatible").GetBoolean()));
        }
    }

    [Fact]
    public async Task Json_schemas_are_registered_and_judged_too()
    {
        await OkAsync(HttpMethod.Post, "subjects/json/versions", Body("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""", "JSON"));
        await OkAsync(HttpMethod.Post, "subjects/json/versions", Body("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"additionalProperties":false}""", "JSON"));
        await RefusedAsync(HttpMethod.Post, "subjects/json/versions", Body("""{"type":"object","properties":{"a":{"type":"integer"}}}""", "JSON"), 40901);
        await RefusedAsync(HttpMethod.Post, "subjects/json/versions", Body("""{"type":"nothing"}""", "JSON"), 42201);
        await RefusedAsync(HttpMethod.Post, "subjects/json/versions", Body(One), 40901);
        Assert.Equal("JSON", (await OkAsync(HttpMethod.Get, "schemas/ids/1")).GetProperty("schemaType").GetString());
    }

    [Fact]
    public async Task References_are_resolved_and_keep_what_they_refer_to()
    {
        await OkAsync(HttpMethod.Post, "subjects/inner/versions", Body("""{"type":"record","name":"x.Inner","fields":[]}"""));
        const string Outer = """{"schema":"{\"type\":\"record\",\"name\":\"Outer\",\"fields\":[{\"name\":\"i\",\"type\":\"x.Inner\"}]}","references":[{"name":"x.Inner","subject":"inner","version":1}]}""";
        var id = (await OkAsync(HttpMethod.Post, "subjects/outer/versions", Outer)).GetProperty("id").GetInt32();
        Assert.Equal("inner", (await OkAsync(HttpMethod.Get, $"schemas/ids/{id}")).GetProperty("references")[0].GetProperty("subject").GetString());
        Assert.Equal($"[{id}]", (await OkAsync(HttpMethod.Get, "subjects/inner/versions/1/referencedby")).GetRawText());
        await RefusedAsync(HttpMethod.Delete, "subjects/inner/versions/1", null, 42206);
        await RefusedAsync(HttpMethod.Post, "subjects/outer/versions", Outer.Replace("\"version\":1", "\"version\":9", StringComparison.Ordinal), 42201);
        await OkAsync(HttpMethod.Delete, "subjects/outer");
        await OkAsync(HttpMethod.Delete, "subjects/inner");
        await RefusedAsync(HttpMethod.Delete, "subjects/inner?permanent=true", null, 42206);
    }

    [Fact]
    public async Task What_is_deleted_stays_readable_by_id_until_it_is_gone_and_its_numbers_are_never_given_again()
    {
        await OkAsync(HttpMethod.Post, "subjects/s/versions", Body(One));
        await RefusedAsync(HttpMethod.Delete, "subjects/s?permanent=true", null, 40405);
        Assert.Equal("[1]", (await OkAsync(HttpMethod.Delete, "subjects/s")).GetRawText());
        await RefusedAsync(HttpMethod.Delete, "subjects/s", null, 40404);
        await RefusedAsync(HttpMethod.Get, "subjects/s/versions", null, 40401);
        Assert.Equal("[]", (await OkAsync(HttpMethod.Get, "subjects")).GetRawText());
        Assert.Equal("""["s"]""", (await OkAsync(HttpMethod.Get, "subjects?deleted=true")).GetRawText());
        Assert.Equal(One, (await OkAsync(HttpMethod.Get, "schemas/ids/1")).GetProperty("schema").GetString());
        Assert.Equal("[1]", (await OkAsync(HttpMethod.Delete, "subjects/s?permanent=true")).GetRawText());
        await RefusedAsync(HttpMethod.Get, "schemas/ids/1", null, 40403);
        var next = await OkAsync(HttpMethod.Post, "subjects/s/versions", Body(Required));
        Assert.Equal((2, 2), (next.GetProperty("id").GetInt32(), next.GetProperty("version").GetInt32()));
        Assert.Equal("2", (await OkAsync(HttpMethod.Delete, "subjects/s/versions/latest")).GetRawText());
        await RefusedAsync(HttpMethod.Delete, "subjects/s/versions/2", null, 40406);
        Assert.Equal("2", (await OkAsync(HttpMethod.Delete, "subjects/s/versions/2?permanent=true")).GetRawText());
        await RefusedAsync(HttpMethod.Delete, "subjects/s/versions/2?permanent=true", null, 40401);
    }

    [Theory]
    [InlineData("GET", "subjects/none/versions", null, 40401)]
    [InlineData("GET", "subjects/none/versions/1", null, 40401)]
    [InlineData("GET", "schemas/ids/99", null, 40403)]
    [InlineData("GET", "schemas/ids/x", null, 40403)]
    [InlineData("GET", "schemas/guids/x", null, 40403)]
    [InlineData("GET", "config/none", null, 40408)]
    [InlineData("GET", "mode/none", null, 40409)]
    [InlineData("PUT", "config", """{"compatibility":"SOME"}""", 42203)]
    [InlineData("PUT", "config", """{"compatibility":"FULL","alias":"x"}""", 422)]
    [InlineData("PUT", "mode", """{"mode":"SOME"}""", 42204)]
    [InlineData("POST", "subjects/none", """{"schema":"\"int\""}""", 40401)]
    [InlineData("POST", "subjects/s/versions", """{"schema":"{"}""", 42201)]
    [InlineData("POST", "subjects/s/versions", """{"schema":"\"integer\""}""", 42201)]
    [InlineData("POST", "subjects/s/versions", """{"schema":"{}","schemaType":"XML"}""", 42201)]
    [InlineData("POST", "subjects/s/versions", """{"schemaType":"AVRO"}""", 42201)]
    [InlineData("POST", "subjects/s/versions", """{"schema":"\"int\"","id":7}""", 42205)]
    [InlineData("POST", "subjects/s/versions", """{"schema":"\"int\"","ruleSet":{"domainRules":{}}}""", 42210)]
    [InlineData("POST", "subjects/s/versions", """{"schema":"\"int\"","ruleSet":{"domainRules":[{"name":"r"},{"name":"r"}]}}""", 42210)]
    [InlineData("POST", "subjects/s/versions", """{"schema":"\"int\"","ruleSet":{"domainRules":[{"name":"r","mode":"UPGRADE"}]}}""", 42210)]
    [InlineData("POST", "subjects/s/versions", """{"schema":"\"int\"","ruleSet":{"migrationRules":[{"name":"r","kind":"SOME"}]}}""", 42210)]
    [InlineData("POST", "subjects/__GLOBAL/versions", """{"schema":"\"int\""}""", 42208)]
    [InlineData("POST", "subjects/s/versions", "[]", 400)]
    [InlineData("POST", "subjects/s/versions", "{", 400)]
    public async Task Refusals_have_the_numbers_of_the_documentation(string method, string path, string? body, int code) =>
        await RefusedAsync(new HttpMethod(method), path, body, code);

    [Fact]
    public async Task Settings_are_inherited_and_taken_away()
    {
        Assert.Equal("BACKWARD", (await OkAsync(HttpMethod.Get, "config")).GetProperty("compatibilityLevel").GetString());
        await OkAsync(HttpMethod.Put, "config", """{"compatibility":"NONE"}""");
        Assert.Equal("NONE", (await OkAsync(HttpMethod.Get, "config/s?defaultToGlobal=true")).GetProperty("compatibilityLevel").GetString());
        await OkAsync(HttpMethod.Put, "config/s", """{"compatibility":"FULL"}""");
        Assert.Equal("FULL", (await OkAsync(HttpMethod.Get, "config/s")).GetProperty("compatibilityLevel").GetString());
        await OkAsync(HttpMethod.Delete, "config/s");
        await RefusedAsync(HttpMethod.Get, "config/s", null, 40408);
        await OkAsync(HttpMethod.Put, "mode/s", """{"mode":"READONLY"}""");
        await RefusedAsync(HttpMethod.Post, "subjects/s/versions", Body(One), 42205);
        await OkAsync(HttpMethod.Delete, "mode/s");
        await OkAsync(HttpMethod.Put, "mode/s", """{"mode":"IMPORT"}""");
        var imported = await OkAsync(HttpMethod.Post, "subjects/s/versions", """{"schema":"\"int\"","id":70,"version":7}""");
        Assert.Equal((70, 7), (imported.GetProperty("id").GetInt32(), imported.GetProperty("version").GetInt32()));
        await RefusedAsync(HttpMethod.Post, "subjects/s/versions", """{"schema":"\"long\"","id":70}""", 42207);
        await OkAsync(HttpMethod.Delete, "mode/s");
        Assert.Equal(71, (await OkAsync(HttpMethod.Post, "subjects/t/versions", Body(One))).GetProperty("id").GetInt32());
        await RefusedAsync(HttpMethod.Put, "mode", """{"mode":"IMPORT"}""", 42205);
    }

    [Fact]
    public async Task Contexts_count_their_own_ids_and_keep_to_themselves()
    {
        await OkAsync(HttpMethod.Post, "subjects/s/versions", Body(One));
        await OkAsync(HttpMethod.Post, "contexts/.lab/subjects/s/versions", Body(Optional));
        Assert.Equal(1, (await OkAsync(HttpMethod.Get, "subjects/:.lab:s/versions/1")).GetProperty("id").GetInt32());
        Assert.Equal(Optional, (await OkAsync(HttpMethod.Get, "contexts/.lab/schemas/ids/1")).GetProperty("schema").GetString());
        Assert.Equal(Optional, (await OkAsync(HttpMethod.Get, "schemas/ids/1?subject=:.lab:s")).GetProperty("schema").GetString());
        Assert.Equal(One, (await OkAsync(HttpMethod.Get, "schemas/ids/1")).GetProperty("schema").GetString());
        Assert.Equal("""[".",".lab"]""", (await OkAsync(HttpMethod.Get, "contexts")).GetRawText());
        Assert.Equal("""[":.lab:s"]""", (await OkAsync(HttpMethod.Get, "contexts/.lab/subjects")).GetRawText());
        await OkAsync(HttpMethod.Put, "contexts/.lab/config", """{"compatibility":"NONE"}""");
        await OkAsync(HttpMethod.Post, "contexts/.lab/subjects/s/versions", Body(Required));
        await RefusedAsync(HttpMethod.Post, "subjects/s/versions", Body(Required), 40901);
    }

    [Fact]
    public async Task A_context_is_there_as_long_as_a_subject_of_it_and_only_then_refuses_to_go()
    {
        await OkAsync(HttpMethod.Post, "contexts/.lab/subjects/s/versions", Body(One));
        await OkAsync(HttpMethod.Put, "contexts/.lab/config", """{"compatibility":"NONE"}""");
        Assert.Equal("""[".lab"]""", (await OkAsync(HttpMethod.Get, "contexts?contextPrefix=.l")).GetRawText());
        await RefusedAsync(HttpMethod.Delete, "contexts/.lab", null, 42211);
        await OkAsync(HttpMethod.Delete, "contexts/.lab/subjects/s");
        await RefusedAsync(HttpMethod.Delete, "contexts/.lab", null, 42211);
        await OkAsync(HttpMethod.Delete, "contexts/.lab/subjects/s?permanent=true");
        Assert.Equal("""["."]""", (await OkAsync(HttpMethod.Get, "contexts")).GetRawText());
        using var gone = await Http.DeleteAsync(new Uri("/registry/contexts/.lab", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Equal("BACKWARD", (await OkAsync(HttpMethod.Get, "contexts/.lab/config?defaultToGlobal=true")).GetProperty("compatibilityLevel").GetString());
    }

    [Theory]
    [InlineData("*/*", "application/vnd.schemaregistry.v1+json")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/vnd.schemaregistry+json;q=0.9, application/json;q=0.5", "application/vnd.schemaregistry+json")]
    [InlineData("application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json, application/json", "application/vnd.schemaregistry.v1+json")]
    [InlineData("text/html", "application/vnd.schemaregistry.v1+json")]
    public async Task An_answer_has_the_media_type_that_was_asked_for(string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/registry/subjects");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await Http.SendAsync(request, Cancel);
        Assert.Equal(type, response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Metadata_and_rule_sets_come_back_and_group_what_is_compared()
    {
        await OkAsync(HttpMethod.Put, "config/s", """{"compatibility":"BACKWARD","compatibilityGroup":"major"}""");
        await OkAsync(HttpMethod.Post, "subjects/s/versions", Body(One, more: ""","metadata":{"properties":{"major":"1"}},"ruleSet":{"domainRules":[{"name":"r","kind":"CONDITION"}]}"""));
        var shown = await OkAsync(HttpMethod.Get, "subjects/s/versions/1");
        Assert.Equal("r", shown.GetProperty("ruleSet").GetProperty("domainRules")[0].GetProperty("name").GetString());
        await OkAsync(HttpMethod.Post, "subjects/s/versions", Body(Required, more: ""","metadata":{"properties":{"major":"2"}}"""));
        await RefusedAsync(HttpMethod.Post, "subjects/s/versions", Body(Required, more: ""","metadata":{"properties":{"major":"1"}}"""), 40901);
        Assert.Equal(1, (await OkAsync(HttpMethod.Get, "subjects/s/metadata?key=major&value=1")).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Normalising_makes_one_of_schemas_that_differ_in_order_only()
    {
        await OkAsync(HttpMethod.Post, "subjects/s/versions?normalize=true", Body("""{"type":"object","properties":{"a":{},"b":{}}}""", "JSON"));
        var other = Body("""{"properties":{"b":{},"a":{}},"type":"object"}""", "JSON");
        Assert.Equal(1, (await OkAsync(HttpMethod.Post, "subjects/s/versions?normalize=true", other)).GetProperty("version").GetInt32());
        Assert.Equal(2, (await OkAsync(HttpMethod.Post, "subjects/s/versions", other)).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Protobuf_is_registered_found_in_both_forms_and_judged_by_path()
    {
        const string Common = "syntax = \"proto3\";\npackage c;\n\nmessage Address {\n  string mail = 1;\n}\n";
        const string Mail = "syntax=\"proto3\"; import \"c.proto\"; message Mail { string id = 1; c.Address from = 2; }";
        const string Refers = ",\"references\":[{\"name\":\"c.proto\",\"subject\":\"c.proto\",\"version\":-1}]";
        await OkAsync(HttpMethod.Post, "subjects/c.proto/versions", Body("// said otherwise\n" + Common, "PROTOBUF"));
        await RefusedAsync(HttpMethod.Post, "subjects/m/versions", Body(Mail, "PROTOBUF"), 42201);
        var first = await OkAsync(HttpMethod.Post, "subjects/m/versions", Body(Mail, "PROTOBUF", Refers));
        var id = first.GetProperty("id").GetInt32();
        Assert.Equal(Common, (await OkAsync(HttpMethod.Get, "subjects/c.proto/versions/1")).GetProperty("schema").GetString());
        Assert.Equal(1, (await OkAsync(HttpMethod.Get, $"schemas/ids/{id}")).GetProperty("references")[0].GetProperty("version").GetInt32());
        var compiled = (await OkAsync(HttpMethod.Get, $"schemas/ids/{id}?format=serialized")).GetProperty("schema").GetString()!;
        Assert.Equal(id, (await OkAsync(HttpMethod.Post, "subjects/m?normalize=true", Body(compiled, "PROTOBUF", Refers))).GetProperty("id").GetInt32());
        Assert.Equal(id, (await OkAsync(HttpMethod.Post, "subjects/m", Body(Mail + " // again", "PROTOBUF", Refers))).GetProperty("id").GetInt32());
        var broken = Body(Mail.Replace("string id", "fixed32 id", StringComparison.Ordinal), "PROTOBUF", Refers);
        await RefusedAsync(HttpMethod.Post, "subjects/m/versions", broken, 40901);
        var told = (await OkAsync(HttpMethod.Post, "compatibility/subjects/m/versions/latest?verbose=true", broken)).GetProperty("messages")[0].GetString();
        Assert.Contains("FIELD_SCALAR_KIND_CHANGED", told, StringComparison.Ordinal);
        Assert.Contains("#/Mail/1", told, StringComparison.Ordinal);
        await RefusedAsync(HttpMethod.Delete, "subjects/c.proto", null, 42206);
        await RefusedAsync(HttpMethod.Post, "subjects/m/versions", Body(One), 40901);
        using var text = await Http.GetAsync(new Uri("/registry/subjects/c.proto/versions/1/schema", UriKind.Relative), Cancel);
        Assert.Equal(Common, await text.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Every_level_judges_protobuf_in_its_own_direction_and_depth()
    {
        // From v1 to v2 a message is added, from v2 to v3 another is taken away, from v1 to v3 the type of a field has changed by way of its absence.
        string[] steps = ["message M { int32 a = 1; }", "message M { } message N { }", "message M { string a = 1; } message N { }"];
        await OkAsync(HttpMethod.Put, "config/deep", """{"compatibility":"NONE"}""");
        foreach (var step in steps.Take(2))
        {
            await OkAsync(HttpMethod.Post, "subjects/deep/versions", Body("syntax=\"proto3\"; " + step, "PROTOBUF"));
        }

        foreach (var (level, fits) in new[] { ("BACKWARD", true), ("FORWARD", true), ("FULL", true), ("BACKWARD_TRANSITIVE", false), ("FORWARD_TRANSITIVE", false), ("FULL_TRANSITIVE", false), ("NONE", true) })
        {
            await OkAsync(HttpMethod.Put, "config/deep", $$"""{"compatibility":"{{level}}"}""");
            var check = await OkAsync(HttpMethod.Post, "compatibility/subjects/deep/versions", Body("syntax=\"proto3\"; " + steps[2], "PROTOBUF"));
            Assert.Equal((level, fits), (level, check.GetProperty("is_compatible").GetBoolean()));
        }
    }

    [Fact]
    public async Task Fifty_clients_that_register_the_same_get_one_id_and_fifty_that_differ_get_fifty()
    {
        var same = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => OkAsync(HttpMethod.Post, $"subjects/same-{i % 5}/versions", Body(One))));
        Assert.All(same, answer => Assert.Equal((1, 1), (answer.GetProperty("id").GetInt32(), answer.GetProperty("version").GetInt32())));
        await OkAsync(HttpMethod.Put, "config/many", """{"compatibility":"NONE"}""");
        var many = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => OkAsync(
            HttpMethod.Post, "subjects/many/versions", Body(One.Replace("\"Mail\"", string.Create(CultureInfo.InvariantCulture, $"\"Mail{i}\""), StringComparison.Ordinal)))));
        Assert.Equal(Enumerable.Range(2, 50), many.Select(answer => answer.GetProperty("id").GetInt32()).Order());
        Assert.Equal(Enumerable.Range(1, 50), many.Select(answer => answer.GetProperty("version").GetInt32()).Order());
    }

    [Fact]
    public async Task Of_fifty_schemas_that_exclude_each_other_one_is_registered()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => SendAsync(
            HttpMethod.Post, "subjects/contested/versions", Body(One.Replace("\"Mail\"", string.Create(CultureInfo.InvariantCulture, $"\"Mail{i}\""), StringComparison.Ordinal)))));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(49, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
        Assert.Equal("[1]", (await OkAsync(HttpMethod.Get, "subjects/contested/versions")).GetRawText());
    }

    [Fact]
    public async Task A_subject_may_have_a_slash_in_its_name()
    {
        await OkAsync(HttpMethod.Post, "subjects/a%2Fb/versions", Body(One));
        Assert.Equal("""["a/b"]""", (await OkAsync(HttpMethod.Get, "subjects")).GetRawText());
    }
}
