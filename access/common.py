"""Passwords that everybody tries first: words, years, rows of keys, and what people put together from them. Offline.

``left`` says how much of a password is none of that. The words are ours; a password list would know ``Fujian@2026`` only if somebody
had lost it before, and this knows every such word with every year.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache

import yaml

from rules.agencies import CITIES

SHORTEST_WORD = 3
SHORTEST_RUN = 3  # of neighbouring keys, or of one character
LEET = str.maketrans("@4310$5!7", "aaeiossit")  # p@ssw0rd; each is tried as it is, too
ROWS = (
    *("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "!@#$%^&*()"),
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/", "1q2w3e4r5t6y7u8i9o0p", "147258369"),
)
ENGLISH = """
    abc access account admin administrator alice angel apple asd audit backup baby baseball batman best boss buster changeme charlie cheese
    china chinese chocolate cisco client coffee company computer cookie daemon data database dbadmin default demo developer dragon
    email example facebook family father flower football forever freedom friend gateway ginger god google guest happy hello hecha help
    home hunter iloveyou internet jesus john jordan jump just king letmein linux local login lol love lovely lucky mail manager mariadb
    master matrix michael microsoft monitor monkey mother music mustang mysql nagios network nginx ninja nobody nopass office oper operator oracle
    orange owner pass passwd password passw0rd peace pepper player please postgres power princess private public pwd qaz qwe qwer
    redis report root samsung school secret secure security server service shadow simple smile soccer sql star starwars student summer
    sunshine super superman supervisor support switch sysadmin sysdba system system32 teacher temp temporary test testing tester test123
    tiger tomcat toor trust ubuntu unknown update user username vip wang web weblogic webadmin welcome whatever windows winter wsx
    work xyz yahoo zabbix zxc january february march april june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday spring autumn huawei xiaomi tencent alibaba baidu lenovo inspur h3c sangfor topsec
    venustech nsfocus qianxin kylin uos dameng kingbase wps dingtalk weixin wechat qq taobao
"""
PINYIN = """
    mima koling kouling denglu guanli guanliyuan yonghu xitong ceshi shenji anquan caozuo gongzuo bangong bangongshi danwei woaini aini
    520 1314 5201314 wo ai ni nihao zhongguo zhonghua woaizhongguo beijinghuanying renmin zhengfu zhengwu gongkai xinxi xinxigongkai zhengfuxinxi zfxxgk
    zwgk xxgk xxzx nianbao niandu baogao hecha jiancha jiandu shangbao tongji shuju wangluo wangzhan dianzi gongan jiaoyu caizheng minzheng
    sifa renshe ziran ziyuan shengtai huanjing zhujian jiaotong shuili nongye shangwu wenlv weisheng weijian yingji shenjiju
    tuiyi junren shichang jianguan tongjiju yibao xinfang jinrong fagai fagaiwei gongxin keji minzong chengguan
    zhengfuban fuwu dating zhongxin xingzheng jiedao xiangzhen shequ cunwei ju ting wei ban keshi shi xian qu zhen xiang
    gongchandang dangyuan jianguo fuqiang minzhu wenming hexie ziyou pingdeng gongzheng fazhi aiguo jingye chengxin youshan
    zhang wang li liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang
"""
PLACES = """
    beijing tianjin hebei shanxi neimenggu liaoning jilin heilongjiang shanghai jiangsu zhejiang anhui fujian jiangxi shandong henan hubei
    hunan guangdong guangxi hainan chongqing sichuan guizhou yunnan xizang shaanxi gansu qinghai ningxia xinjiang taiwan xianggang
    aomen shijiazhuang taiyuan huhehaote shenyang changchun haerbin nanjing hangzhou hefei fuzhou nanchang jinan zhengzhou wuhan
    changsha guangzhou nanning haikou chengdu guiyang kunming lasa xian lanzhou xining yinchuan wulumuqi xiamen putian sanming quanzhou
    zhangzhou nanping longyan ningde pingtan shenzhen zhuhai dongguan foshan suzhou wuxi ningbo wenzhou qingdao dalian yantai
    weifang xuzhou changzhou nantong jiaxing shaoxing jinhua taizhou wuhu luoyang kaifeng yichang xiangyang zhuzhou hengyang guilin
    liuzhou sanya mianyang zunyi dali xianyang baotou tangshan baoding handan datong anshan jilinshi daqing
"""
UNITS = "人民政府 政府 办公室 办公厅 信息公开 政务公开 教育局 公安局 财政局 民政局 司法局 卫健委 发改委 管理员 系统 审计 安全 密码 口令 测试"
YEAR = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])?(?:0[1-9]|[12]\d|3[01])?", re.ASCII)  # and days
PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)


def left(password: str, own: Collection[str] = ()) -> int:
    """How many characters are neither part of a word, of ``own`` words, nor of a date, a row of keys or a repetition."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    if _is_repetition(folded):
        return 0
    known = words() | {word for word in map(_folded, own) if len(word) >= 2}
    free = [0] * (len(folded) + 1)  # of the first so many characters
    for end in range(1, len(folded) + 1):
        best = free[end - 1] + 1
        for start in _beginnings(folded, end, known):
            best = min(best, free[start])
        free[end] = best
    return free[-1]


def _beginnings(folded: str, end: int, known: Collection[str]) -> Iterator[int]:
    """Where something that ends there and counts for nothing may begin."""
    for start in range(max(0, end - 24), end - 1):
        piece = folded[start:end]
        if (
            piece in known
            or piece.translate(LEET) in known
            or YEAR.fullmatch(piece)
            or PHONE.fullmatch(piece)
            or (len(piece) >= SHORTEST_RUN and _is_run(piece))
        ):
            yield start


def _is_run(piece: str) -> bool:
    return len(set(piece)) == 1 or any(piece in row or piece in row[::-1] for row in ROWS)


def _is_repetition(folded: str) -> bool:
    """abab, 123123123: nothing but one piece of at most four characters, again and again."""
    return any(len(folded) > size and folded == (folded[:size] * len(folded))[: len(folded)] for size in range(1, 5))


@cache
def words() -> frozenset[str]:
    """All that we know, folded."""
    listed = {*ENGLISH.split(), *PINYIN.split(), *PLACES.split(), *UNITS.split(), *_cities()}
    return frozenset(word for word in map(_folded, listed) if len(word) >= (2 if not word.isascii() else SHORTEST_WORD))


def _cities() -> Iterator[str]:
    lists = yaml.safe_load(CITIES.read_text("utf-8"))
    for city in (*lists["municipalities"], *(city for province in lists["prefecture"] for city in province)):
        yield from (city, f"{city}市")


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()
