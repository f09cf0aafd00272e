namespace Engine.Pretraining.Tests.Chat;

/// <summary>Templates in the styles that published models use, written for these tests.</summary>
internal static class Templates
{
    public const string ChatMl = """
        {%- if messages[0].role != 'system' -%}
            {{- '<|im_start|>system\nYou help.<|im_end|>\n' -}}
        {%- endif -%}
        {% for message in messages %}
            {{- '<|im_start|>' + message['role'] + '\n' }}
            {%- if message.role == 'assistant' -%}
                {% generation %}{{ message.content | trim }}<|im_end|>{% endgeneration %}
            {%- else -%}
                {{ message.content + '<|im_end|>' }}
            {%- endif %}
            {{- '\n' }}
        {%- endfor %}
        {% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
        """;

    public const string Llama2 = """
        {% if messages[0]['role'] == 'system' %}
            {% set turns = messages[1:] %}
            {% set system = messages[0]['content'] %}
        {% else %}
            {% set turns = messages %}
            {% set system = false %}
        {% endif %}
        {% for m in turns %}
            {% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}
                {{ raise_exception('Roles must alternate: user, assistant, user.') }}
            {% endif %}
            {% if loop.index0 == 0 and system %}
                {% set content = '<<SYS>>\n' + system + '\n<</SYS>>\n\n' + m['content'] %}
            {% else %}
                {% set content = m['content'] %}
            {% endif %}
            {% if m['role'] == 'user' %}
                {{- bos_token + '[INST] ' + content.strip() + ' [/INST]' -}}
            {% else %}
                {{- ' ' ~ content.strip() ~ ' ' ~ eos_token -}}
            {% endif %}
        {% endfor %}
        """;

    public const string Llama3 = """
        {#- Each message between headers. -#}
        {% set loop_messages = messages %}
        {% for message in loop_messages %}
        {% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' %}
        {% if loop.first %}{% set content = bos_token + content %}{% endif %}
        {{- content }}
        {%- endfor %}
        {%- if tools is not none and tools is defined %}{{ tools | tojson(indent=4) }}{% endif %}
        {%- if add_generation_prompt %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
        {%- endif %}
        """;

    public const string Mistral = """
        {%- set ns = namespace(last_user=-1, system='') -%}
        {%- for m in messages -%}
          {%- if m.role == "user" -%}{%- set ns.last_user = loop.index0 -%}{%- endif -%}
          {%- if m.role == "system" -%}{%- set ns.system = m.content -%}{%- endif -%}
        {%- endfor -%}
        {{ bos_token }}
        {%- for m in messages if m.role != 'system' -%}
          {%- if m.role == 'user' -%}
            {{ '[INST] ' + (ns.system ~ '\n\n' if ns.system and m == messages[ns.last_user] else '') + m.content + '[/INST]' }}
          {%- elif m.role == 'assistant' -%}
            {{ ' ' ~ m.content ~ eos_token }}
          {%- else -%}
            {{ raise_exception("Only user, system and assistant roles are supported, not " + m.role) }}
          {%- endif -%}
        {%- endfor -%}
        """;

    public const string Gemma = """
        {{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}
        {% set role = 'model' if message['role'] == 'assistant' else message['role'] %}
        {{ '<start_of_turn>' + role + '\n' + (message['content'] | trim | default('', true)) + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}
        """;

    public const string Zephyr = """
        {% for message in messages %}
        {% if message['role'] in ['user', 'system'] %}
        {{ '<|' + message['role'] + '|>\n' + message['content'] + eos_token }}
        {% elif message['role'] == 'assistant' %}
        {{ '<|assistant|>\n'  + message['content'] + eos_token }}
        {% endif %}
        {% if loop.last and add_generation_prompt %}
        {{ '<|assistant|>' }}
        {% endif %}
        {% endfor %}
        """;

    public static IReadOnlyDictionary<string, string> Tokens { get; } = new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" };

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["chatml"] = ChatMl,
        ["llama2"] = Llama2,
        ["llama3"] = Llama3,
        ["mistral"] = Mistral,
        ["gemma"] = Gemma,
        ["zephyr"] = Zephyr,
    };
}
