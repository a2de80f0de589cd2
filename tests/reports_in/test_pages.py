"""The article among what government sites print around it, and what the page says about it."""

import pytest

from reports_in import read_bytes
from tests.reports_in.checks import everything, notes, shape

TITLE = "青禾县水务局2023年政府信息公开工作年度报告"
PROSE = "2023年，县水务局全年主动公开政府信息一百零三条，收到政府信息公开申请2件，均已按期办结，未发生行政复议和行政诉讼。"
TABLE = "<table><tr><th>信息内容<th>制发件数<th>废止件数<tr><td>规章<td>0<td>0<tr><td>规范性文件<td>1<td>0</table>"
BODY = f"<p>一、总体情况</p><p>{PROSE}</p><p>二、主动公开政府信息情况</p>{TABLE}<p>六、其他需要报告的事项</p><p>无。</p><p>青禾县水务局</p><p>2024年1月18日</p>"
ARTICLE = [
    "一、总体情况",
    PROSE,
    "二、主动公开政府信息情况",
    [["信息内容", "制发件数", "废止件数"], ["规章", "0", "0"], ["规范性文件", "1", "0"]],
    "六、其他需要报告的事项",
    "无。",
    "青禾县水务局",
    "2024年1月18日",
]
LINKS = (
    "<ul>"
    + "".join(f'<li><a href="/{n}">青禾县水务局{n}年政府信息公开工作年度报告</a></li>' for n in range(2018, 2023))
    + "</ul>"
)
MENU = '<div><a href="/">首页</a> <a href="/a">政务公开</a> <a href="/b">办事服务</a> <a href="/c">互动交流</a></div>'


def read(body: str, head: str = ""):
    return read_bytes(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(), "a.html")


ABOVE = {
    "menu": MENU,
    "menu as a list": "<ul><li><a href=1>首页</a><li><a href=2>要闻</a><li><a href=3>公开</a></ul>",
    "marked menu": "<nav><a href=1>首页</a><span>无障碍阅读</span></nav>",
    "breadcrumb": '<div>当前位置：<a href="/">首页</a> &gt; <a href="/x">政府信息公开年报</a></div>',
    "catalogue table": "<table><tr><td>索引号：<td>QH-2024-1<td>发布机构：<td>青禾县水务局<tr><td>公开日期：<td>2024-01-18<td>文号：<td></table>",
    "catalogue lines": "<ul><li><b>索引号：</b>QH-2024-1</li><li><b>信息分类：</b>年报</li><li><b>公开方式：</b>主动公开</li></ul>",
    "source line": "<p>发布时间：2024-01-18 10:22 来源：青禾县水务局 浏览次数：12 字体：[大 中 小]</p>",
    "tools": "<p>【打印】</p><p>分享到：</p><p>听全文</p><p>[ 大 中 小 ]</p>",
    "icon": '<img src="/logo.png"><img src="/banner.jpg">',
}
BELOW = {
    "neighbours": "<p>上一篇：<a href=1>关于2022年工作的通知</a></p><p>下一篇：没有了</p>",
    "related": f"<h3>相关信息</h3>{LINKS}",
    "two related": '<p>相关链接</p><p><a href="/1">青禾县水务局2022年政府信息公开工作年度报告</a></p><p><a href="/2">2021年年报</a></p>',
    "share": "<p>扫一扫在手机打开当前页</p><p>【打印本页】 【关闭窗口】</p>",
    "copyright": "<div>版权所有：青禾县人民政府　主办：青禾县人民政府办公室<br>网站标识码：1234567890　禾ICP备12345678号<br>电话：0123-4567890</div>",
    "marked footer": "<footer><p>青禾县人民政府</p><p>建议使用1024以上分辨率</p></footer>",
    "source below": "<p>（来源：青禾县水务局　责任编辑：张三）</p><p>浏览次数：12</p>",
    "friends": "<div>友情链接</div><select><option>国务院</option></select>",
}


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE.keys())
@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW.keys())
def test_the_article_is_read_without_what_surrounds_it(above, below):
    document = read(f"{above}<h1>{TITLE}</h1><div>{BODY}</div>{below}")
    assert shape(document) == [TITLE, *ARTICLE]
    assert notes(document) == []


def test_a_page_laid_out_by_tables_gives_its_article():
    page = f"""<table><tr><td>{MENU}</td></tr><tr><td><table><tr><td width=200>{LINKS}</td><td><table><tr><td align=center><b>{TITLE}</b></td></tr>
    <tr><td>{BODY}</td></tr></table></td></tr></table></td></tr><tr><td>版权所有：青禾县人民政府</td></tr></table>"""
    assert shape(read(page)) == [TITLE, *ARTICLE]


KEPT = {
    "a line of links in the article": f"<p>一、总体情况</p><p>{PROSE}</p><p>详见<a href=1>公告一</a>。</p><p>六、其他需要报告的事项</p><p>无</p>",
    "headings that are links": f"<p><a href='#1'>一、总体情况</a></p><p>{PROSE}</p><p><a href='#2'>六、其他需要报告的事项</a></p><p>无</p>",
    "an anchor that was never closed": f"<p><a href=x>一、总体情况</p><p>{PROSE}</p><p>二、情况</p><p>三、情况</p><p>四、情况</p><p>六、其他需要报告的事项</p><p>无</p>",
    "an aside that was never closed": f"<aside><p>一、总体情况</p></aside><p>{PROSE}</p><footer><p>六、其他需要报告的事项</p><p>无</p>",
    "a foot line between sections": f"<p>一、总体情况</p><p>{PROSE}</p><p>扫一扫</p><p>六、其他需要报告的事项</p><p>无</p>",
    "a short report": "<p>一、总体情况</p><p>无</p><p>六、其他需要报告的事项</p><p>无</p>",
    "nothing but links": "<p><a href=1>一、总体情况</a></p><p><a href=1>六、其他需要报告的事项</a></p><p><a href=1>无</a></p>",
}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT.keys())
def test_nothing_that_may_belong_to_the_report_is_dropped(body):
    text = everything(read(f"<h1>{TITLE}</h1>{body}"))
    assert all(part in text for part in ("一、总体情况", "六、其他需要报告的事项", "无"))


def test_a_data_table_in_a_footer_stays():
    assert ARTICLE[3] in shape(read(f"<p>{PROSE}</p><footer>{TABLE}</footer>"))


@pytest.mark.parametrize(
    ("head", "line", "published"),
    [
        ('<meta name="PubDate" content="2024-01-18 10:22">', "", "2024-01-18"),
        ('<META NAME="pubdate" CONTENT="2024/1/8">', "", "2024-01-08"),
        ('<meta name="PubDate" content="20240118">', "", "2024-01-18"),
        ("", "时间：2024-01-18 08:58", "2024-01-18"),
        ("", "发布日期：2024年1月18日 浏览：12", "2024-01-18"),
        ("", "【发布时间】 2024.01.18", "2024-01-18"),
        ("", "更新时间：2024-03-01 发布时间：2024-01-18", "2024-01-18"),
        ("", "2024-01-18 10:22 来源：青禾县水务局", "2024-01-18"),
        ("", "来源：青禾县水务局 2024-01-18", "2024-01-18"),
        ("", "2024-01-18 10:22:31", "2024-01-18"),
        ("", "更新时间：2024-03-01", None),
        ("", "成文日期：2024-01-10", None),
        ("", "日期：2024-13-40", None),
        ("", "统计时间：2023-01-01", None),
        ("", "2023年1月1日", None),
    ],
)
def test_the_day_of_publication_is_the_one_that_is_called_so(head, line, published):
    assert read(f"<h1>{TITLE}</h1><p>{line}</p>{BODY}", head).meta.published == published


def test_two_days_of_publication_are_noted_and_the_first_is_taken():
    document = read(f"<h1>{TITLE}</h1><p>发布时间：2024-01-18</p>{BODY}", '<meta name="PubDate" content="2024-03-02">')
    assert (document.meta.published, notes(document)) == ("2024-01-18", ["PUBLISHED_DIFFERS"])


def test_the_date_below_the_report_is_not_its_publication():
    assert read(f"<h1>{TITLE}</h1>{BODY}").meta.published is None


@pytest.mark.parametrize(
    ("head", "above", "publisher"),
    [
        ('<meta name="ContentSource" content="青禾县水务局">', "", "青禾县水务局"),
        ('<meta name="ContentSource" content="本站">', "<p>来源：青禾县水务局</p>", "青禾县水务局"),
        ("", "<p>信息来源：青禾县水务局 时间：2024-01-18</p>", "青禾县水务局"),
        (
            "",
            "<table><tr><td>索引号<td>1<td>发布机构<td>青禾县水务局<tr><td>文号<td>无<td>名称<td>年报</table>",
            "青禾县水务局",
        ),
        ("", "<p>来源：本站</p>", None),
        ('<meta name="SiteName" content="青禾县人民政府">', "", None),
        ("", "", None),
    ],
)
def test_the_publisher_is_whom_the_page_names(head, above, publisher):
    assert read(f"{above}<h1>{TITLE}</h1>{BODY}", head).meta.publisher == publisher


@pytest.mark.parametrize(
    ("head", "above", "title"),
    [
        (f'<meta name="ArticleTitle" content="{TITLE}"><title>年报-青禾县人民政府</title>', "<h1>青禾县</h1>", TITLE),
        (f"<title>{TITLE}-青禾县人民政府</title>", f"<h1>{TITLE}</h1>", TITLE),
        (f"<title>{TITLE}</title>", "<h1>青禾县人民政府</h1>", TITLE),
        ("<title>青禾县人民政府</title>", f"<h1>{TITLE}</h1>", TITLE),
        (f"<title>\n {TITLE}\n</title>", "", TITLE),
        ("", f"<ul><li>索引号：1</li><li>名称：{TITLE}</li></ul>", TITLE),
        ("", "", None),
    ],
)
def test_the_title_is_that_of_the_article(head, above, title):
    assert read(f"{above}{BODY}", head).meta.title == title


@pytest.mark.parametrize(
    "body",
    [
        "<h1>404</h1><p>抱歉，您访问的页面不存在或已删除</p><a href=/>返回首页</a>",
        "<form>用户名<input name=u>密码<input type=password><button>登录</button></form>",
        "<p>您的访问请求疑似存在安全风险，已被拦截。</p><p>事件编号：0a1b2c</p>",
    ],
)
def test_a_page_that_is_no_report_is_read_all_the_same(body):
    assert everything(read(body))
